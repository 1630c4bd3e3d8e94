/** Ids of jobs: short enough for a label and the column of 36 characters, and not to be guessed. */
const JOB_ID = /^job-[0-9a-f]{24}$/;

/** Bytes of chance in an id. */
const RANDOM_BYTES = 12;

/** `job-` and 24 hexadecimal digits. */
export function newJobId(randomBytes: (size: number) => Uint8Array): string {
  const digits = Array.from(randomBytes(RANDOM_BYTES), (byte) => byte.toString(16).padStart(2, "0"));
  return `job-${digits.join("")}`;
}

export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}
