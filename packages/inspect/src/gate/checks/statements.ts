import type { Check } from "../check.ts";

export const versionDiffers: Check = {
  id: "gate/version-differs",
  title: "The bytes say another version than the release",
  fix: "make manifest and build agree: people see both numbers",
  about: "quality",
  severity: () => "warning",
  find({ facts }, _live, { version }) {
    if (facts.version === undefined || facts.version === version) return undefined;
    return { message: `its bytes say version ${facts.version}, the release ${version}`, live: version, offered: facts.version };
  },
};

export const buildDiffers: Check = {
  id: "gate/build-differs",
  title: "The bytes say another build than the release",
  fix: "make manifest and build agree, or leave the build out of the manifest",
  about: "quality",
  severity: () => "warning",
  find({ facts }, _live, { build }) {
    if (facts.build === undefined || build === "" || facts.build === build) return undefined;
    return { message: `its bytes say build ${facts.build}, the release ${build}`, live: build, offered: facts.build };
  },
};

/** What the inspector itself found wrong. */
export const hasProblems: Check = {
  id: "gate/has-problems",
  title: "The artifact has problems of its own",
  fix: "build it again without them; 'dist inspect' names each",
  about: "quality",
  severity: () => "warning",
  find({ facts }) {
    return facts.problems.length === 0 ? undefined : { message: facts.problems.map(({ message }) => message).join(" ") };
  },
};

/** It is published, but people who install from that feed do not find it. */
export const leftOutOfFeed: Check = {
  id: "gate/left-out-of-feed",
  title: "A feed has no place for it",
  fix: "mend what is named and publish it again",
  about: "quality",
  severity: () => "warning",
  find({ leftOut = [] }) {
    return leftOut.length === 0 ? undefined : { message: leftOut.map(({ feed, reason }) => `${feed} leaves it out: ${reason}`).join("; ") };
  },
};
