import { ApiObject } from "cdk8s";
import { Construct } from "constructs";
import { CLONE_RESOURCE } from "../../constructs/contract";
import { objectLabels } from "../../constructs/shared/labels";
import type { ClonesSettings } from "../../constructs/settings";
import { ClonesRule, clonesRules, UNCHANGED_SPEC } from "./admission-rules";

const API_VERSION = "admissionregistration.k8s.io/v1";

export interface AdmissionPolicyProps {
  readonly name: string;
  readonly resource: { readonly group: string; readonly version: string; readonly plural: string };
  readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE")[];
  /** CEL: requests that no rule is asked about. */
  readonly unless: string;
  readonly rules: readonly ClonesRule[];
}

/** What a schema can't say, said by the API server itself, without a webhook that could be down. */
export class AdmissionPolicy extends Construct {
  constructor(scope: Construct, id: string, props: AdmissionPolicyProps) {
    super(scope, id);
    const { name, operations, unless, rules } = props;
    const { group, version, plural } = props.resource;
    const metadata = { name, labels: objectLabels("clones") };
    new ApiObject(this, "Policy", {
      apiVersion: API_VERSION,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [{ apiGroups: [group], apiVersions: [version], operations, resources: [plural] }],
        },
        matchConditions: [{ name: "says-something-new", expression: `!(${unless})` }],
        validations: rules.map(validation),
      },
    });
    new ApiObject(this, "Binding", {
      apiVersion: API_VERSION,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: name, validationActions: ["Deny", "Audit"] },
    });
  }
}

/**
 * The rules of WordPressClone. A change that leaves the spec alone passes, whatever the rules have become since: KRO and the
 * cleaner must be able to end what an older setting allowed.
 */
export class Admission extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    new AdmissionPolicy(this, "Clones", {
      name: "wordpress-clones",
      resource: CLONE_RESOURCE,
      operations: ["CREATE", "UPDATE"],
      unless: UNCHANGED_SPEC,
      rules: clonesRules(settings),
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
