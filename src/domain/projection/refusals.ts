/** Every reason a read model's stream has to refuse. The codes are shown to clients: never rename one. */

export const projectionRefusalCodes = ['skip_differs', 'too_many_skips'] as const;
export type ProjectionRefusalCode = (typeof projectionRefusalCodes)[number];
