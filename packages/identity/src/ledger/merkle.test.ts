import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex, toHex, utf8 } from "@dure/kernel";
import fc from "fast-check";
import {
  appendLeaf,
  consistencyProof,
  type Frontier,
  frontierRoot,
  hashLeaf,
  hashNode,
  inclusionProof,
  type MerkleHash,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
} from "./merkle.ts";

const known = JSON.parse(readFileSync(new URL("../../known-answers/merkle-tree.json", import.meta.url), "utf8"));
const knownLeaves: MerkleHash[] = known.leaves.map((data: string) => hashLeaf(fromHex(data)));
const numbered = (n: number): MerkleHash[] => Array.from({ length: n }, (_, i) => hashLeaf(utf8(`entry ${i}`)));

/** The definition of RFC 9162, section 2.1.1, word for word. */
function definedRoot(leaves: readonly MerkleHash[]): MerkleHash {
  const [only] = leaves;
  if (only === undefined) return fromHex(known.emptyRoot);
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hashNode(definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)));
}

test("roots match the reference data of RFC 6962", () => {
  assert.equal(toHex(merkleRoot([])), known.emptyRoot);
  const roots = knownLeaves.map((_, i) => toHex(merkleRoot(knownLeaves.slice(0, i + 1))));
  assert.deepEqual(roots, known.roots);
});

test("inclusion proofs match the reference data of RFC 6962", () => {
  for (const { index, size, proof } of known.inclusion) {
    const leaves = knownLeaves.slice(0, size);
    assert.deepEqual(inclusionProof(leaves, index).map(toHex), proof);
  }
});

test("consistency proofs match the reference data of RFC 6962", () => {
  for (const { from, to, proof } of known.consistency) {
    assert.deepEqual(consistencyProof(knownLeaves.slice(0, to), from).map(toHex), proof);
  }
});

test("the incremental root is the defined one for every size to 130", () => {
  let frontier: Frontier = [];
  const leaves = numbered(130);
  leaves.forEach((leaf, size) => {
    frontier = appendLeaf(frontier, size, leaf);
    assert.equal(toHex(frontierRoot(frontier)), toHex(definedRoot(leaves.slice(0, size + 1))));
  });
});

test("every leaf of every tree to 20 leaves is proven in it, and at no other place", () => {
  for (let size = 1; size <= 20; size++) {
    const leaves = numbered(size);
    const root = merkleRoot(leaves);
    leaves.forEach((leaf, index) => {
      const proof = inclusionProof(leaves, index);
      assert.ok(verifyInclusion({ leaf, index, size, root, proof }));
      for (let other = 0; other < size; other++) {
        if (other !== index) assert.ok(!verifyInclusion({ leaf, index: other, size, root, proof }));
      }
      assert.ok(!verifyInclusion({ leaf: hashLeaf(utf8("other")), index, size, root, proof }));
      assert.ok(!verifyInclusion({ leaf, index, size, root, proof: [...proof, leaf] }));
      if (proof.length > 0) assert.ok(!verifyInclusion({ leaf, index, size, root, proof: proof.slice(1) }));
    });
  }
});

test("every tree to 40 leaves begins with each shorter one, and with no other", () => {
  const leaves = numbered(40);
  for (let to = 0; to <= 40; to++) {
    const toRoot = merkleRoot(leaves.slice(0, to));
    for (let from = 0; from <= to; from++) {
      const proof = consistencyProof(leaves.slice(0, to), from);
      const fromRoot = merkleRoot(leaves.slice(0, from));
      assert.ok(verifyConsistency({ from, fromRoot, to, toRoot, proof }), `${from} of ${to}`);
      if (from > 0) {
        const forked = merkleRoot([...leaves.slice(0, from - 1), hashLeaf(utf8("fork"))]);
        assert.ok(!verifyConsistency({ from, fromRoot: forked, to, toRoot, proof }));
      }
      if (from > 0 && from < to) assert.ok(!verifyConsistency({ from, fromRoot, to, toRoot: hashLeaf(toRoot), proof }));
      assert.ok(!verifyConsistency({ from, fromRoot, to, toRoot, proof: [...proof, toRoot] }));
    }
  }
});

test("a changed proof of a random pair of trees is refused", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), fc.nat(), (a, b, which) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const leaves = numbered(to);
      const [fromRoot, toRoot] = [merkleRoot(leaves.slice(0, from)), merkleRoot(leaves)];
      const proof = consistencyProof(leaves, from);
      fc.pre(proof.length > 0);
      const changed = proof.map((hash, i) => (i === which % proof.length ? hashLeaf(hash) : hash));
      assert.ok(!verifyConsistency({ from, fromRoot, to, toRoot, proof: changed }));
    }),
    { numRuns: 50 },
  );
});

test("sizes that are no sizes are refused", () => {
  const leaf = hashLeaf(utf8("x"));
  for (const size of [Number.NaN, -1, 0.5, 2 ** 53]) {
    assert.ok(!verifyInclusion({ leaf, index: 0, size, root: leaf, proof: [] }));
    assert.ok(!verifyConsistency({ from: 1, fromRoot: leaf, to: size, toRoot: leaf, proof: [] }));
  }
  assert.throws(() => inclusionProof([leaf], 1), RangeError);
  assert.throws(() => consistencyProof([leaf], 2), RangeError);
});
