/** Every reason a plan has to refuse. The codes are shown to clients: never rename one. */

export const salePlanRefusalCodes = ['plan_ref_taken'] as const;
export type SalePlanRefusalCode = (typeof salePlanRefusalCodes)[number];
