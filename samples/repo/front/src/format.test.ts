import { expect, test } from "vitest";

import { euros } from "./format";

test("cents are always two figures", () => {
  expect(euros(1205)).toBe("12,05 €");
});
