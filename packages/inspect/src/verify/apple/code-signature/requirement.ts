// The text of a code requirement, as seals of nested code have it: `identifier "a.b" and anchor apple generic and certificate
// leaf[subject.OU] = TEAM` (Apple's Code Signing Requirement Language; RequirementParser.cpp, reqinterp.cpp). Terms that are not evaluated
// are `artifact/broken`.
import { createHash } from "node:crypto";
import { broken } from "../../../broken.ts";
import type { X509 } from "../../x509/certificate.ts";
import { namePart } from "../../cms/describe-signer.ts";

const MAX_LENGTH = 8192;
const MAX_DEPTH = 32;
const TOKEN = /\s*(?:\/\*.*?\*\/\s*)*(H"[0-9a-fA-F]*"|"(?:\\.|[^"\\])*"|[A-Za-z0-9_.:-]+|[()[\]=!<>*])\s*(?:\/\*.*?\*\/\s*)*/sy;

export interface RequirementSubject {
  readonly identifier: string;
  /** Of one slice. */
  readonly cdhashes: readonly string[];
  /** The signer's certificate first. */
  readonly chain: readonly X509[];
  /** The chain ends in one of Apple's roots. */
  readonly isApples: boolean;
  /** Apple's own software. */
  readonly isSoftwareOfApple: boolean;
}

export function satisfies(requirement: string, subject: RequirementSubject): boolean {
  if (requirement.length > MAX_LENGTH) throw broken("a code requirement is too long");
  const tokens = tokensOf(requirement);
  if (tokens[0] === "designated" && tokens[1] === "=" && tokens[2] === ">") tokens.splice(0, 3);
  const result = disjunction(tokens, subject, 0);
  if (tokens.length > 0) throw unknown(tokens[0]);
  return result;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw broken(`a code requirement cannot be read at ${JSON.stringify(text.slice(at, at + 20))}`);
    tokens.push(match[1] as string);
  }
  return tokens;
}

function disjunction(tokens: string[], subject: RequirementSubject, depth: number): boolean {
  let result = conjunction(tokens, subject, depth);
  while (tokens[0] === "or") {
    tokens.shift();
    const next = conjunction(tokens, subject, depth);
    result ||= next;
  }
  return result;
}

function conjunction(tokens: string[], subject: RequirementSubject, depth: number): boolean {
  let result = term(tokens, subject, depth);
  while (tokens[0] === "and") {
    tokens.shift();
    const next = term(tokens, subject, depth);
    result &&= next;
  }
  return result;
}

function term(tokens: string[], subject: RequirementSubject, depth: number): boolean {
  if (depth > MAX_DEPTH) throw broken("a code requirement is nested too deep");
  const word = tokens.shift();
  if (word === "(") {
    const result = disjunction(tokens, subject, depth + 1);
    expect(tokens, ")");
    return result;
  }
  if (word === "!") return !term(tokens, subject, depth + 1);
  if (word === "identifier") {
    if (tokens[0] === "=") tokens.shift();
    return subject.identifier === textOf(tokens.shift());
  }
  if (word === "cdhash") {
    if (tokens[0] === "=") tokens.shift();
    return subject.cdhashes.includes(hashOf(tokens.shift()));
  }
  if (word === "anchor") return anchorTerm(tokens, subject);
  if (word === "certificate" || word === "cert") return certificateTerm(tokens, subject);
  throw unknown(word);
}

function anchorTerm(tokens: string[], subject: RequirementSubject): boolean {
  const word = tokens.shift();
  if (word === "=") return fingerprint(subject.chain.at(-1)) === hashOf(tokens.shift());
  if (word !== "apple") throw unknown(word);
  if (tokens[0] !== "generic") return subject.isSoftwareOfApple;
  tokens.shift();
  return subject.isApples;
}

function certificateTerm(tokens: string[], { chain }: RequirementSubject): boolean {
  const place = tokens.shift() ?? "";
  const index = place === "leaf" ? 0 : place === "root" || place === "anchor" ? -1 : Number(place);
  if (!Number.isInteger(index)) throw unknown(place);
  const certificate = chain.at(index);
  if (tokens[0] === "=") {
    tokens.shift();
    return fingerprint(certificate) === hashOf(tokens.shift());
  }
  expect(tokens, "[");
  const field = textOf(tokens.shift());
  expect(tokens, "]");
  const wanted = matchOf(tokens);
  if (certificate === undefined) return false;
  const [kind, name] = [field.slice(0, field.indexOf(".")), field.slice(field.indexOf(".") + 1)];
  if (kind === "field") {
    if (wanted !== undefined) throw broken("a code requirement asks for the value of a certificate's mark");
    return certificate.extensions.has(name);
  }
  if (kind !== "subject") throw unknown(field);
  const value = namePart(certificate.facts.subject, name);
  return wanted === undefined ? value !== undefined : value === wanted;
}

/** `= VALUE`; undefined: that there is one is enough. */
function matchOf(tokens: string[]): string | undefined {
  if (tokens[0] === "exists") tokens.shift();
  if (tokens[0] === "<" || tokens[0] === ">") throw unknown(tokens[0]);
  if (tokens[0] !== "=") return undefined;
  const [, value, next] = tokens;
  if (value === "*" || next === "*") throw unknown("*");
  tokens.splice(0, 2);
  return textOf(value);
}

function textOf(token: string | undefined): string {
  if (token === undefined || /^[()[\]=!<>*]$/.test(token)) throw unknown(token);
  return token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, "$1") : token;
}

function hashOf(token: string | undefined): string {
  const hash = /^H"([0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?)"$/.exec(token ?? "")?.[1];
  if (hash === undefined) throw unknown(token);
  return hash.toLowerCase();
}

/** SHA-1 of the certificate, as requirements write it. */
function fingerprint(certificate: X509 | undefined): string | undefined {
  return certificate && createHash("sha1").update(certificate.der).digest("hex");
}

function expect(tokens: string[], wanted: string): void {
  const word = tokens.shift();
  if (word !== wanted) throw unknown(word);
}

function unknown(word: string | undefined): Error {
  return broken(`a code requirement has ${JSON.stringify((word ?? "an end").slice(0, 40))}, which is not evaluated here`);
}
