import type { Command } from "../command.ts";
import { appCreate } from "./app-create.ts";
import { appList } from "./app-list.ts";
import { appPolicy } from "./app-policy.ts";
import { appShow } from "./app-show.ts";
import { auditList } from "./audit-list.ts";
import { auditVerify } from "./audit-verify.ts";
import { channelHistory } from "./channel-history.ts";
import { channelList } from "./channel-list.ts";
import { channelPromote } from "./channel-promote.ts";
import { channelRollback } from "./channel-rollback.ts";
import { ciPublish } from "./ci-publish.ts";
import { completion } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { explain } from "./explain.ts";
import { feedExport } from "./feed-export.ts";
import { feedList } from "./feed-list.ts";
import { feedVerify } from "./feed-verify.ts";
import { init } from "./init.ts";
import { inspect } from "./inspect.ts";
import { installCommand } from "./install.ts";
import { listCommand } from "./list.ts";
import { login } from "./login.ts";
import { releaseAttach } from "./release-attach.ts";
import { releaseCheck } from "./release-check.ts";
import { releaseCreate } from "./release-create.ts";
import { releaseList } from "./release-list.ts";
import { releasePublish } from "./release-publish.ts";
import { releaseShow } from "./release-show.ts";
import { releaseYank } from "./release-yank.ts";
import { repoCreate } from "./repo-create.ts";
import { repoList } from "./repo-list.ts";
import { rollbackCommand } from "./rollback.ts";
import { testerInvite } from "./tester-invite.ts";
import { testerList } from "./tester-list.ts";
import { testerRevoke } from "./tester-revoke.ts";
import { tokenCreate } from "./token-create.ts";
import { tokenList } from "./token-list.ts";
import { tokenRevoke } from "./token-revoke.ts";
import { uninstallCommand } from "./uninstall.ts";
import { update } from "./update.ts";
import { verify } from "./verify.ts";

/** Every command, in the order of the help: the way a release goes. */
export const COMMANDS: readonly Command[] = [
  init,
  ciPublish,
  releaseCreate,
  releaseAttach,
  releasePublish,
  releaseList,
  releaseShow,
  releaseCheck,
  releaseYank,
  channelList,
  channelPromote,
  channelRollback,
  channelHistory,
  feedList,
  feedExport,
  feedVerify,
  repoCreate,
  repoList,
  appCreate,
  appList,
  appShow,
  appPolicy,
  testerInvite,
  testerList,
  testerRevoke,
  tokenCreate,
  tokenList,
  tokenRevoke,
  auditList,
  auditVerify,
  inspect,
  verify,
  installCommand,
  update,
  rollbackCommand,
  uninstallCommand,
  listCommand,
  login,
  doctor,
  explain,
  completion,
];
