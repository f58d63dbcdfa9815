/** Inside the root of a norm: keeps its derivative finite at zero. */
export const ROOT_FLOOR = 1e-12
