import type { AuthEvent } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { createEventBus } from './event-bus.ts';

const event = (at: number): AuthEvent => ({ at, provider: 'acme', authority: 'a', type: 'invalidated' });

describe('the event bus', () => {
  it('keeps the latest events, oldest first', () => {
    const bus = createEventBus({ limit: 2 });
    for (const at of [1, 2, 3]) bus.publish(event(at));
    expect(bus.recent().map(({ at }) => at)).toEqual([2, 3]);
  });

  it('tells everybody who listens, until they stop, and the others when one fails', () => {
    const bus = createEventBus();
    const heard: string[] = [];
    const stop = bus.subscribe(({ at }) => heard.push(`first ${at}`));
    bus.subscribe(() => {
      throw new Error('gone');
    });
    bus.subscribe(({ at }) => heard.push(`last ${at}`));
    bus.publish(event(1));
    stop();
    bus.publish(event(2));
    expect(heard).toEqual(['first 1', 'last 1', 'last 2']);
  });
});
