/** What a bank can be certified for. */
export const PRODUCTS = ['transAgg', 'ach', 'stateAgg', 'voi', 'voa', 'aha', 'availBalance', 'accountOwner'] as const;

/** A bank, with the members that the specification requires and its name. */
export interface Institution extends Readonly<Record<(typeof PRODUCTS)[number], boolean>> {
  readonly id: number;
  readonly name: string;
  readonly oauthEnabled: boolean;
  readonly currency: string;
  readonly status: string;
}

/** Ids and names are the vendor's; what a bank is certified for is known of few. */
const testInstitution = (id: number, name: string, { oauthEnabled = false, status = 'online', certified = true } = {}): Institution => ({
  id,
  name,
  transAgg: certified,
  ach: certified,
  stateAgg: false,
  voi: certified,
  voa: certified,
  aha: false,
  availBalance: false,
  accountOwner: certified,
  oauthEnabled,
  currency: 'USD',
  status,
});

/** The vendor's banks for tests. */
export const TEST_INSTITUTIONS: readonly Institution[] = [
  testInstitution(101732, 'FinBank'),
  testInstitution(102105, 'FinBank Profiles - A'),
  testInstitution(102168, 'FinBank Profiles - B'),
  testInstitution(199100, 'FinBank Profiles - C'),
  testInstitution(176081, 'FinBank Profiles - J'),
  testInstitution(170680, 'FinBank C'),
  testInstitution(170830, 'FinBank M1'),
  testInstitution(102219, 'FinBank O'),
  testInstitution(170776, 'FinBank Billable'),
  testInstitution(171011, 'Finbank OAuth Billable', { oauthEnabled: true }),
  testInstitution(102220, 'Health Check'),
  testInstitution(176082, 'Decertified', { certified: false }),
  testInstitution(176078, 'Offline', { status: 'offline' }),
];

const byId = new Map(TEST_INSTITUTIONS.map((each) => [String(each.id), each]));

/** The bank with this id. */
export const institutionOf = (id: string): Institution | undefined => byId.get(id);

/** The banks that a customer can connect: billable ones are for active customers only, and active ones get no others. */
export const connectable = (type: 'testing' | 'active'): readonly Institution[] =>
  TEST_INSTITUTIONS.filter(
    ({ name, status, transAgg }) => status === 'online' && transAgg && name.endsWith('Billable') === (type === 'active'),
  );
