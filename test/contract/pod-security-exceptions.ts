import type { PodSecurityException } from "./checks/pod-security";

/** Every pod of dist that can't keep a rule of Pod Security "restricted", with the reason. There is no other place. */
export const POD_SECURITY_EXCEPTIONS: readonly PodSecurityException[] = [];
