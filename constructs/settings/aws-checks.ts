/** What a stack in AWS needs of its settings, and where they contradict each other. */
import type { Problem } from "../shared/problems";
import type { AwsSettings } from "./aws";
import { ClonesSettings, jobsDatabase } from "./clones";

/** Bits that fix a VPC at most: a quarter of a /20 still holds a thousand pods, and its smallest subnets 59 of AWS' endpoints. */
const NARROWEST_VPC = 20;

interface Parts {
  readonly target: string;
  readonly aws: AwsSettings;
  readonly clones: ClonesSettings;
}

/** Every contradiction; of a stack that makes nothing in AWS, those alone that would be wrong anywhere. */
export function awsContradictions({ target, aws, clones }: Parts): Problem[] {
  const anywhere = [...vpcOutOfShape(aws), ...zonesTwice(aws)];
  if (target !== "aws") return anywhere;
  return [...missing(aws), ...anywhere, ...outsideOfVpc(aws, clones), ...deliveredFromNowhere(aws)];
}

function missing(aws: AwsSettings): Problem[] {
  const examples = { account: "111122223333", region: "eu-central-1", domain: "platform.example.com" };
  return Object.entries(examples)
    .filter(([key]) => aws[key as keyof typeof examples] === undefined)
    .map(([key, example]) => ({
      code: "SETTING_MISSING",
      path: `aws.${key}`,
      value: null,
      reason: "target is aws, and nobody else can know it",
      remedy: `Give it, as in "${example}"`,
    }));
}

function vpcOutOfShape({ network: { cidr } }: AwsSettings): Problem[] {
  const { first, bits } = read(cidr);
  const base = { code: "AWS_VPC", path: "aws.network.cidr", value: cidr };
  if (bits > NARROWEST_VPC) {
    const reason = "it has too few addresses for pods in three zones";
    return [{ ...base, reason, remedy: `Give /${NARROWEST_VPC} or wider, as in "10.0.0.0/16"` }];
  }
  if (first % 2 ** (32 - bits) === 0) return [];
  return [
    { ...base, reason: "it doesn't begin where its bits do", remedy: 'Begin at the network, as in "10.0.0.0/16"' },
  ];
}

function zonesTwice({ network: { zones } }: AwsSettings): Problem[] {
  if (new Set(zones).size === zones.length) return [];
  const reason = "two subnets would share the fate of one zone";
  return [
    {
      code: "AWS_ZONES",
      path: "aws.network.zones",
      value: zones.join(),
      reason,
      remedy: "Give three letters that differ",
    },
  ];
}

/** What the clones' policies admit is written into dist; the VPC is where API server and databases will be. */
function outsideOfVpc({ network: { cidr } }: AwsSettings, clones: ClonesSettings): Problem[] {
  const admitted = {
    "clones.apiServer.network": clones.apiServer.network,
    "clones.sharedDatabase.network": clones.sharedDatabase.network,
    "clones.service.jobsDatabase.network": jobsDatabase(clones).network,
  };
  return Object.entries(admitted)
    .filter(([, network]) => !contains(cidr, network))
    .map(([path, value]) => ({
      code: "AWS_OUTSIDE_VPC",
      path,
      value,
      reason: `it isn't within the VPC (${cidr}), so that policies would admit nothing that is there`,
      remedy: "Give a part of aws.network.cidr, or all of it",
    }));
}

function deliveredFromNowhere({ delivery }: AwsSettings): Problem[] {
  if (delivery.by !== "argocd" || delivery.repository !== undefined) return [];
  const reason = "delivery.by is argocd, which applies what it finds there";
  const remedy = "Give the address of this repository";
  return [{ code: "SETTING_MISSING", path: "aws.delivery.repository", value: null, reason, remedy }];
}

function contains(outer: string, inner: string): boolean {
  const [one, other] = [read(outer), read(inner)];
  const size = 2 ** (32 - one.bits);
  return other.bits >= one.bits && Math.floor(one.first / size) === Math.floor(other.first / size);
}

function read(cidr: string): { first: number; bits: number } {
  const [address = "", bits = ""] = cidr.split("/");
  return { first: address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0), bits: Number(bits) };
}
