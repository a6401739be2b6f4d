import { errors, type FinicityErrorName, Refusal } from './errors.ts';

/** A query parameter that counts from 1. Refuses with 14020 what is no number, and with `tooSmall` what is below 1. */
export const counted = (text: string, tooSmall: FinicityErrorName = 'badRequest'): number => {
  if (!/^-?\d{1,9}$/.test(text)) throw new Refusal(errors.badRequest);
  const number = Number(text);
  if (number < 1) throw new Refusal(errors[tooSmall]);
  return number;
};

/** The documented range of `limit`. */
export const pageSize = (text = '25', tooSmall: FinicityErrorName = 'badRequest'): number => {
  const limit = counted(text, tooSmall);
  if (limit > 1000) throw new Refusal(errors.badRequest);
  return limit;
};
