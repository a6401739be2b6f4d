import { createHash } from 'node:crypto';
import type { WriteOptions } from '@auth/core';
import { VERSION_LENGTH } from './entry.ts';
import { replyOf } from './errors.ts';
import type { Commands } from './redis-client.ts';

/** What the script answers for text that this store did not write. */
export const FOREIGN = '2';

/**
 * A whole write, in one step of the server. One entry is one key, so that it is on one node of a cluster. One text of version and
 * value takes a fifth less memory than a hash. `ARGV`: condition, new version, then value and ttl in milliseconds, if there are any.
 * Some clients send a command again if the connection broke before the answer: if the new version is already there, the write succeeded.
 * `GET` tells an empty text from a missing one, and needs no permission that reading does not.
 */
const SCRIPT = `
local text = redis.call('GET', KEYS[1])
local found = 'absent'
if text then
  local version = string.sub(text, 1, ${VERSION_LENGTH})
  if version == ARGV[2] then return 1 end
  if #version < ${VERSION_LENGTH} or string.find(version, '[^%w_-]') then return ${FOREIGN} end
  found = 'is ' .. version
end
if ARGV[1] ~= 'any' and ARGV[1] ~= found then return 0 end
if #ARGV == 2 then
  redis.call('DEL', KEYS[1])
elseif #ARGV == 3 then
  redis.call('SET', KEYS[1], ARGV[2] .. ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2] .. ARGV[3], 'PX', ARGV[4])
end
return 1
`.trim();

const SHA = createHash('sha1').update(SCRIPT).digest('hex');

/** Milliseconds. Beyond this, 31,000 years, the server would refuse the number. */
const LONGEST_TTL = 1e15;

/** Resolves to the script's answer: 1 if it wrote, 0 if the condition failed, `FOREIGN` if it must not write there. */
export const runWrite = async ({ evalSha, eval: evaluate }: Commands, key: string, args: readonly string[]): Promise<unknown> => {
  try {
    return await evalSha(SHA, key, args);
  } catch (error) {
    // The server has restarted, or was told to forget its scripts.
    if (!replyOf(error).startsWith('NOSCRIPT')) throw error;
    return await evaluate(SCRIPT, key, args);
  }
};

/** The script's arguments. */
export const writeArguments = (version: string, value: string | undefined, { ifVersion, ttl }: WriteOptions): readonly string[] => {
  const condition = ifVersion === undefined ? 'any' : ifVersion === null ? 'absent' : `is ${ifVersion}`;
  // An entry without time to live is deleted at once.
  if (value === undefined || (ttl !== undefined && ttl <= 0)) return [condition, version];
  if (ttl === undefined) return [condition, version, value];
  return [condition, version, value, String(Math.min(Math.ceil(ttl), LONGEST_TTL))];
};
