/**
 * The policy pack, as Pulumi runs it; `npm run plan` holds the same rules against its plan.
 *
 *   pulumi preview --policy-pack infra/policy
 */
import { PolicyPack } from "@pulumi/policy";
import { policyOf } from "./pulumi-policy";
import { RULES } from "./rules";

new PolicyPack("loomworks-platform", { enforcementLevel: "mandatory", policies: RULES.map(policyOf) });
