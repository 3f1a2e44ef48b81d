import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { namingFullDisk } from "./disk-full.ts";

const fault = (facts: Readonly<Record<string, unknown>>): Error => Object.assign(new Error("as the system words it"), facts);

const failing = (cause: Error) => (): unknown =>
  namingFullDisk(() => {
    throw cause;
  });

test("every way in which a disk says that it is full has one name, and may be tried again", () => {
  const faults = [{ code: "ENOSPC" }, { code: "EDQUOT" }, { code: "EFBIG" }, { errcode: 13 }, { errcode: 778 }];
  for (const facts of faults) assert.throws(failing(fault(facts)), { code: "store/disk-full", retry: "transient" });
});

test("another fault goes on as it is, and so does a named one", () => {
  const others = [fault({ code: "EACCES" }), fault({ errcode: 19 }), new DureError([], { retry: "permanent" })];
  for (const other of others) assert.throws(failing(other), (thrown) => thrown === other);
});

test("what succeeds gives its result", () => {
  assert.equal(
    namingFullDisk(() => 7),
    7,
  );
});
