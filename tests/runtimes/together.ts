/** Before a command: all it starts ends with it, however it ends. */
export const TOGETHER = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
