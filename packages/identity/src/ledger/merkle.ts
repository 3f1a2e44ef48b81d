/**
 * Merkle trees over a list that only grows: one root stands for all entries, and short proofs show that an entry is in it, or that a
 * longer list begins with a shorter one.
 *
 * Leaves and nodes are hashed under different prefixes, so that no node can be passed off as an entry. `Frontier` holds the roots of
 * the perfect subtrees of which a tree of n leaves is made, one for each bit of n: appending costs O(log n) and needs no other leaf.
 *
 * Source: RFC 9162, section 2.1 (as RFC 6962, section 2.1).
 */

import { bytesEqual, sha256Bytes } from "@dure/kernel";

/** 32 bytes. */
export type MerkleHash = Uint8Array;

/** Roots of the perfect subtrees, the largest first; empty for the empty tree. */
export type Frontier = readonly MerkleHash[];

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const hashLeaf = (data: Uint8Array): MerkleHash => sha256Bytes(LEAF, data);
export const hashNode = (left: MerkleHash, right: MerkleHash): MerkleHash => sha256Bytes(NODE, left, right);

/** The frontier of a tree with one leaf more. `size`: leaves before. */
export function appendLeaf(frontier: Frontier, size: number, leaf: MerkleHash): Frontier {
  const next = [...frontier];
  let root = leaf;
  // Every trailing one-bit of the size is a perfect subtree that the new leaf completes to a larger one.
  for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) root = hashNode(next.pop() ?? root, root);
  next.push(root);
  return next;
}

export function frontierRoot(frontier: Frontier): MerkleHash {
  const [last, ...rest] = [...frontier].reverse();
  return last === undefined ? sha256Bytes() : rest.reduce((right, left) => hashNode(left, right), last);
}

/** MTH of RFC 9162, section 2.1.1, from leaf hashes. O(n). */
export function merkleRoot(leaves: readonly MerkleHash[]): MerkleHash {
  let frontier: Frontier = [];
  leaves.forEach((leaf, size) => {
    frontier = appendLeaf(frontier, size, leaf);
  });
  return frontierRoot(frontier);
}

/** PATH of RFC 9162, section 2.1.3.1. Throws a RangeError unless 0 ≤ index < leaves. O(n). */
export function inclusionProof(leaves: readonly MerkleHash[], index: number): readonly MerkleHash[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new RangeError(`no leaf ${index} among ${leaves.length}`);
  if (leaves.length === 1) return [];
  const split = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...inclusionProof(left, index), merkleRoot(right)] : [...inclusionProof(right, index - split), merkleRoot(left)];
}

export interface Inclusion {
  readonly leaf: MerkleHash;
  readonly index: number;
  readonly size: number;
  readonly root: MerkleHash;
  readonly proof: readonly MerkleHash[];
}

/** RFC 9162, section 2.1.3.2. */
export function verifyInclusion({ leaf, index, size, root, proof }: Inclusion): boolean {
  if (!areSizes(index, size) || index >= size) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const step of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = hashNode(step, hash);
      [fn, sn] = untilOdd(fn, sn);
    } else {
      hash = hashNode(hash, step);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && bytesEqual(hash, root);
}

/** PROOF of RFC 9162, section 2.1.4.1, between the first `from` leaves and all of them. Throws a RangeError unless 0 ≤ from ≤ leaves. */
export function consistencyProof(leaves: readonly MerkleHash[], from: number): readonly MerkleHash[] {
  if (!Number.isInteger(from) || from < 0 || from > leaves.length)
    throw new RangeError(`no tree of ${from} leaves in one of ${leaves.length}`);
  return from === 0 ? [] : subproof(leaves, from, true);
}

export interface Consistency {
  readonly from: number;
  readonly fromRoot: MerkleHash;
  readonly to: number;
  readonly toRoot: MerkleHash;
  readonly proof: readonly MerkleHash[];
}

/** RFC 9162, section 2.1.4.2; the empty tree is the beginning of every tree. */
export function verifyConsistency({ from, fromRoot, to, toRoot, proof }: Consistency): boolean {
  if (!areSizes(from, to) || from > to) return false;
  if (from === 0) return proof.length === 0 && bytesEqual(fromRoot, sha256Bytes());
  if (from === to) return proof.length === 0 && bytesEqual(fromRoot, toRoot);
  const path = Number.isInteger(Math.log2(from)) ? [fromRoot, ...proof] : proof;
  const [first, ...steps] = path;
  if (first === undefined) return false;
  let [fn, sn, fr, sr] = [from - 1, to - 1, first, first];
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  for (const step of steps) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      [fr, sr] = [hashNode(step, fr), hashNode(step, sr)];
      [fn, sn] = untilOdd(fn, sn);
    } else {
      sr = hashNode(sr, step);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && bytesEqual(fr, fromRoot) && bytesEqual(sr, toRoot);
}

function subproof(leaves: readonly MerkleHash[], from: number, isWhole: boolean): readonly MerkleHash[] {
  if (from === leaves.length) return isWhole ? [] : [merkleRoot(leaves)];
  const split = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return from <= split
    ? [...subproof(left, from, isWhole), merkleRoot(right)]
    : [...subproof(right, from - split, false), merkleRoot(left)];
}

/** The largest power of two smaller than n, for n ≥ 2. */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** Goes up while the node is a left child without a right sibling. */
function untilOdd(fn: number, sn: number): [number, number] {
  let [f, s] = [fn, sn];
  while (!isOdd(f) && f !== 0) [f, s] = [half(f), half(s)];
  return [f, s];
}

const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);
const areSizes = (a: number, b: number): boolean => Number.isSafeInteger(a) && Number.isSafeInteger(b) && a >= 0 && b >= 0;
