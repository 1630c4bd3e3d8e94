/** What the types of instances hold that can be kept warm. */

/** One type, as EC2 describes it (`aws ec2 describe-instance-types`; Karpenter's reference of instance types has the same). */
export interface InstanceType {
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Most pods by addresses of its own; instances on Nitro get whole prefixes, and have no such bound. @default none, on Nitro */
  readonly mostPods?: number;
}

export const BUFFER_INSTANCES = {
  // The documents' type: on Xen, so without prefixes.
  "t2.small": { cpus: 1, memoryMiB: 2048, mostPods: 11 },
  "t3.medium": { cpus: 2, memoryMiB: 4096 },
  "t3.large": { cpus: 2, memoryMiB: 8192 },
  "t3.xlarge": { cpus: 4, memoryMiB: 16_384 },
  "t3.2xlarge": { cpus: 8, memoryMiB: 32_768 },
  "t3a.xlarge": { cpus: 4, memoryMiB: 16_384 },
  "t3a.2xlarge": { cpus: 8, memoryMiB: 32_768 },
  "m7i-flex.large": { cpus: 2, memoryMiB: 8192 },
  "m7i-flex.xlarge": { cpus: 4, memoryMiB: 16_384 },
  "m7i-flex.2xlarge": { cpus: 8, memoryMiB: 32_768 },
  "c7i-flex.xlarge": { cpus: 4, memoryMiB: 8192 },
  "c7i-flex.2xlarge": { cpus: 8, memoryMiB: 16_384 },
} as const satisfies Record<string, InstanceType>;

export type BufferInstance = keyof typeof BUFFER_INSTANCES;
