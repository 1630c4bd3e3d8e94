import { ApiObject } from "cdk8s";
import { Construct } from "constructs";
import { CLONE_RESOURCE } from "../../constructs/contract";
import { objectLabels } from "../../constructs/shared/labels";
import type { ClonesSettings } from "../../constructs/settings";
import { ClonesRule, clonesRules, UNCHANGED_SPEC } from "./admission-rules";

const NAME = "wordpress-clones";
const API_VERSION = "admissionregistration.k8s.io/v1";

/**
 * What the schema of WordPressClone can't say, said by the API server itself, without a webhook that could be down. A change
 * that leaves the spec alone passes, whatever the rules have become since: KRO and the cleaner must be able to end what an
 * older setting allowed.
 */
export class Admission extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    const { group, version, plural } = CLONE_RESOURCE;
    const metadata = { name: NAME, labels: objectLabels("clones") };
    new ApiObject(this, "Policy", {
      apiVersion: API_VERSION,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            { apiGroups: [group], apiVersions: [version], operations: ["CREATE", "UPDATE"], resources: [plural] },
          ],
        },
        matchConditions: [{ name: "says-something-new", expression: `!(${UNCHANGED_SPEC})` }],
        validations: clonesRules(settings).map(validation),
      },
    });
    new ApiObject(this, "Binding", {
      apiVersion: API_VERSION,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: NAME, validationActions: ["Deny", "Audit"] },
    });
  }
}

/** The sentence of every error of this project: `FIELD: got value; reason. Remedy.` */
function validation({ field, got, holds, reason, remedy }: ClonesRule): object {
  const value = got ?? `object.${field}`;
  return {
    expression: holds,
    message: `${field}: ${reason}. ${remedy}.`,
    messageExpression: `"${field}: got " + string(${value}) + "; ${reason}. ${remedy}."`,
    reason: "Invalid",
  };
}
