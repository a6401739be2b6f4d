import { AuthError, type CallOptions, type Clock, type Secret, type SecretVault, sleep } from '@auth/core';
import { objectArgument } from '@auth/core/kit';
import type { FinicityApi } from './api/operations.ts';
import type { Application } from './application.ts';
import { fail } from './errors.ts';
import { createLostRequest } from './lost-request.ts';
import type { PartnerSecret } from './partner-secret.ts';
import { brokenRules, generateSecret } from './secret-policy.ts';
import { type OpenVault, openVault, type VaultContent } from './vault.ts';

/** Rotation of the partner secret. */
export interface FinicitySecret extends Secret {
  /**
   * Changes the partner secret so that a crash at any point loses nothing: the vault holds the next secret as pending before it is sent to
   * Finicity. Run it in one process at a time.
   *
   * `keepOldFor30Days` defaults to `true`: both secrets work meanwhile, so running processes carry on. With `false` the old secret ends
   * before the vault shows the new one as current. Processes that renew their token in between cost one of the five attempts, or one each
   * if they share no store.
   *
   * Rejects with
   * - `invalid_request`, naming each rule that `next` breaks, or if Finicity refused `next` before;
   * - `conflict` while a secret is pending, or another change is in progress;
   * - `misconfigured` if the vault holds no usable current secret;
   * - `unavailable` if the vault fails, or does not show within eight seconds what was written to it; nothing was sent then;
   * - Finicity's reason if it refuses the change; nothing has changed then;
   * - `outcome_unknown` if the outcome is unclear, or the vault failed after the change: then call `recover`.
   *
   * @example
   * ```ts
   * await provider.secret.rotate({ vault });
   * ```
   */
  readonly rotate: (options: RotateOptions) => Promise<void>;
  /**
   * Ends an interrupted rotation: asks Finicity once whether the pending secret works, and leaves the working secret in the vault. Sends
   * nothing if no secret is pending. Run it in one process at a time.
   *
   * First waits until the lost request can no longer arrive: until a minute after it, or a minute from now if another process sent it.
   * `signal` ends the wait. Gives up the pending secret only if Finicity says that it is wrong, which costs at most one attempt. Any other
   * failure rejects and leaves both secrets.
   *
   * @example
   * ```ts
   * await provider.secret.recover({ vault });
   * ```
   */
  readonly recover: (options: { readonly vault: SecretVault } & CallOptions) => Promise<void>;
}

/** How to rotate. */
export interface RotateOptions extends CallOptions {
  readonly vault: SecretVault;
  /**
   * 12 to 255 letters, digits and `!@#$%&*_-+`, with at least one letter and one digit. If left out, it is generated: 32 characters from an
   * alphabet of 64.
   */
  readonly next?: string | undefined;
  /** Default `true`. See `rotate` for what `false` costs. */
  readonly keepOldFor30Days?: boolean | undefined;
}

/** What the capability works with. */
export interface SecretOptions {
  readonly api: FinicityApi;
  readonly partnerSecret: PartnerSecret;
  readonly attempt: Application['attempt'];
  readonly clock: Clock;
}

const ROTATE = 'secret.rotate';
const RECOVER = 'secret.recover';
/** Pauses between reads of a vault that does not show a write yet, in milliseconds: about eight seconds in total. */
const LOOKS: readonly number[] = [250, 500, 1_000, 2_000, 4_000];
const BUSY = 'This process is already changing the secret, or still writing to its vault. Wait until that ends, or use another process.';
const CALL_RECOVER = 'The vault holds both secrets. Call secret.recover({ vault }) to find out which one works.';

/** The capability, over the operations of one partner and the guard of its secrets. */
export const createSecret = ({ api, partnerSecret, attempt, clock }: SecretOptions): FinicitySecret => {
  const alone = oneAtATime(clock);
  const lostRequest = createLostRequest(clock);

  /** The part of a rotation that must run to its end. */
  const change = async (vault: OpenVault, { current, next, immediate, signal }: Change): Promise<void> => {
    // Read again right before the write, because another process may have begun meanwhile.
    const before = await vault.read(signal);
    if (before.pending !== null || before.current !== current) throw anotherIsAtIt();
    lostRequest.begin(next);
    await vault.write({ current, pending: next }, 'unavailable', 'Nothing was sent. Try again; if a secret is pending then, call recover.');
    await expectWritten(vault, next);
    for (const secret of [next, current]) partnerSecret.remember(secret);
    try {
      const credentials = { partnerSecret: current, newPartnerSecret: next, immediate };
      // Only the call itself: whoever waits for the guard must not wait for a vault.
      const send = () => api.modifyPartnerSecret(credentials, { signal }).withResponse();
      const { status } = await attempt(ROTATE, current, send, signal);
      // Any other success may not be Finicity's, and the vault would lose the secret that works.
      if (status !== 204) throw fail('invalid_response', ROTATE, 'Finicity answered with a success other than 204.', { status });
    } catch (error) {
      if (!AuthError.is(error) || !isClear(error)) {
        lostRequest.unanswered(next);
        throw unclear(error);
      }
      // If this fails too, the next rotation says what to do; Finicity's reason matters more now.
      await vault.write({ current, pending: null }, 'unavailable', '').then(lostRequest.end, () => {});
      throw error;
    }
    await vault.write({ current: next, pending: null }, 'outcome_unknown', `Finicity has changed the secret. ${CALL_RECOVER}`);
    lostRequest.end();
  };

  /** A vault may be slow to show what was written. If it never does, it has not kept the new secret, which a change would then lose. */
  const expectWritten = async (vault: OpenVault, next: string): Promise<void> => {
    for (const pause of [...LOOKS, null]) {
      const { pending } = await vault.read();
      if (pending === next) return;
      // Another pending secret can only come from another process.
      if (pending !== null) throw anotherIsAtIt();
      if (pause !== null) await sleep(clock, pause, { ref: true });
    }
    throw fail(
      'unavailable',
      ROTATE,
      'The vault does not show what was written to it, so it may not have kept it. Nothing was sent. Fix the vault; if a secret is pending then, call recover.',
    );
  };

  /** What the vault holds once no request for its pending secret can still arrive. */
  const readInterrupted = async (vault: OpenVault, signal: AbortSignal | undefined): Promise<VaultContent> => {
    const before = await vault.read(signal);
    if (before.pending === null || !(await lostRequest.waitUntilGone(before.pending, { signal, operation: RECOVER }))) return before;
    // The process that was rotating may have carried on meanwhile.
    const after = await vault.read(signal);
    if (after.pending !== null && after.pending !== before.pending) throw anotherIsAtIt(RECOVER);
    return after;
  };

  /**
   * Refuses a secret that Finicity refused before: the guard would not let `recover` try it, so nobody could find out whether it took
   * effect.
   */
  const expectUntried = async (next: string, signal: AbortSignal | undefined): Promise<void> => {
    const outcome = await expectSendable(next, signal).catch((error: unknown) => error);
    if (AuthError.is(outcome, 'invalid_credentials') || AuthError.is(outcome, 'locked'))
      throw fail(
        'invalid_request',
        ROTATE,
        'Finicity refused the next secret before. Choose another, or leave it out to have one generated.',
      );
    if (outcome !== undefined) throw outcome;
  };

  /** Rejects as a call with this secret would if the guard did not let it pass. */
  const expectSendable = async (secret: string, signal: AbortSignal | undefined): Promise<void> => {
    const passed = new Error('The guard lets this secret pass.');
    const outcome = await attempt(ROTATE, secret, () => Promise.reject(passed), signal).catch((error: unknown) => error);
    if (outcome !== passed) throw outcome;
  };

  return {
    rotate: async (options) => {
      const { vault: given, next: chosen, keepOldFor30Days = true, signal } = objectArgument(options, 'secret.rotate({ vault })', fail);
      await alone(given, ROTATE, async (vault) => {
        const { current, pending } = await vault.read(signal);
        const next = chosen ?? generateSecret();
        const broken = brokenRules(next, current);
        if (broken.length > 0)
          throw fail(
            'invalid_request',
            ROTATE,
            `The next secret ${broken.join(', ')}. Choose another, or leave it out to have one generated.`,
          );
        if (pending !== null)
          throw fail(
            'conflict',
            ROTATE,
            'The vault holds a pending secret: a rotation is in progress or interrupted. If interrupted, call secret.recover({ vault }).',
          );
        if (chosen !== undefined) await expectUntried(chosen, signal);
        const plan = { current, next, immediate: !keepOldFor30Days, signal };
        await expectSendable(current, signal);
        await change(vault, plan);
      });
    },
    recover: async (options) => {
      const { vault: given, signal } = objectArgument(options, 'secret.recover({ vault })', fail);
      await alone(given, RECOVER, async (vault) => {
        const { current, pending } = await readInterrupted(vault, signal);
        if (pending === null) return;
        const probe = (): Promise<unknown> => api.createToken({ partnerSecret: pending }, { signal });
        const isInEffect = await attempt(RECOVER, pending, probe, signal).then(() => true, wrongOrUnclear);
        if (isInEffect) for (const secret of [current, pending]) partnerSecret.remember(secret);
        const found = { current: isInEffect ? pending : current, pending: null };
        await vault.write(found, 'unavailable', 'It still holds both secrets. Call secret.recover({ vault }) again.');
        lostRequest.end();
      });
    },
  };
};

/** One change of the secret. */
interface Change extends CallOptions {
  readonly current: string;
  readonly next: string;
  readonly immediate: boolean;
}

type Alone = (given: SecretVault, operation: string, run: (vault: OpenVault) => Promise<void>) => Promise<void>;

/** Two changes in one process would take each other's pending secret for their own. */
const oneAtATime = (clock: Clock): Alone => {
  let isBusy = false;
  const free = (): void => {
    isBusy = false;
  };
  return async (given, operation, run) => {
    if (typeof given?.read !== 'function' || typeof given.write !== 'function')
      throw fail(
        'invalid_request',
        operation,
        `The vault must have the functions read and write: ${operation}({ vault }). Nothing was sent.`,
      );
    if (isBusy) throw fail('conflict', operation, BUSY);
    isBusy = true;
    const vault = openVault(given, operation, clock);
    try {
      await run(vault);
    } finally {
      // A write that timed out can still arrive, and must not meet the next change.
      vault.idle().then(free);
    }
  };
};

/** Whether it is certain that nothing changed: the vendor refused the change, or nothing was sent. */
const isClear = ({ code, status = 0 }: AuthError): boolean => {
  if (code === 'outcome_unknown' || code === 'timeout') return false;
  // With a status it may come from a gateway; without one nothing was sent.
  if (code === 'unavailable') return status === 0;
  // With a success status it may not be the vendor's answer.
  return code !== 'invalid_response' || status >= 300;
};

const unclear = (error: unknown): AuthError =>
  fail('outcome_unknown', ROTATE, `It is unclear whether Finicity changed the secret. ${CALL_RECOVER}`, AuthError.is(error) ? error : {});

/** Only 10001 proves that the pending secret never took effect; a wrong partner ID or app key says nothing about that. */
const wrongOrUnclear = (error: unknown): false => {
  if (AuthError.is(error, 'invalid_credentials') && error.vendorCode === '10001') return false;
  throw error;
};

const anotherIsAtIt = (operation = ROTATE): AuthError =>
  fail('conflict', operation, 'Another process is changing the secret. Nothing was sent. Let only one process change it.');
