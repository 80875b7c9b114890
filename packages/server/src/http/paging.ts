import { z } from "zod";

const DEFAULT_PAGE = 50;
const MAX_PAGE = 1000;

/** The query of a list: a cursor of its own, and how many entries at most. */
export function page<Shape extends z.ZodRawShape>(cursor: Shape) {
  return z.object({ ...cursor, limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE) });
}
