/** The Pulumi project; its settings stand under this name in the stack files. */
export const PROJECT = "loomworks-platform";
