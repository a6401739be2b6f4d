/** A partner's account. */
export interface FinicityCredentials {
  /** 13 digits. */
  readonly partnerId: string;
  /** 20 letters and digits. The secret at creation: a later change of it at the vendor is not shown here. */
  readonly partnerSecret: string;
  /** 32 hexadecimal digits. */
  readonly appKey: string;
}
