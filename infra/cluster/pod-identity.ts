import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument, reasonsOf, Statement } from "./policy";

/** Who the cluster is, to AWS. */
export interface ClusterIdentity {
  readonly name: pulumi.Input<string>;
  readonly arn: pulumi.Input<string>;
}

export interface PodIdentityArgs {
  readonly cluster: ClusterIdentity;
  /** Namespace of the pods. */
  readonly namespace: string;
  /** Their ServiceAccount: no other pod may take the role on. */
  readonly serviceAccount: string;
  /**
   * What the pods may do: by name of an inline policy, its statements; all of them together have at most 10,240 characters (IAM and
   * STS quotas). @default nothing of their own
   */
  readonly policies?: Readonly<Record<string, readonly Statement[]>>;
  /** ARNs of policies that AWS keeps, for drivers that AWS writes too. @default none */
  readonly managedPolicies?: readonly string[];
}

/**
 * A role that the pods of one ServiceAccount get from EKS Pod Identity, and no other pod, namespace or cluster. Whatever runs
 * those pods `dependsOn` it: a pod gets the role when it starts, or never.
 */
export class PodIdentity extends Component {
  readonly roleArn: pulumi.Output<string>;
  readonly nodes: {
    readonly role: aws.iam.Role;
    readonly policies: readonly aws.iam.RolePolicy[];
    readonly attachments: readonly aws.iam.RolePolicyAttachment[];
    readonly association: aws.eks.PodIdentityAssociation;
  };

  constructor(name: string, args: PodIdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super("cluster:PodIdentity", name, opts);
    const role = this.createRole(args);
    const policies = Object.entries(args.policies ?? {}).map((policy) => this.createPolicy(role, ...policy));
    const attachments = (args.managedPolicies ?? []).map((arn) => this.attach(role, arn));
    // Last: a pod that got the role without its rights would fail once, and some never try again.
    const association = this.createAssociation(args, role, [...policies, ...attachments]);
    this.nodes = { role, policies, attachments, association };
    this.roleArn = role.arn;
    const onAnything = reasonsOf(Object.values(args.policies ?? {}).flat());
    this.registerOutputs({ roleArn: this.roleArn, onAnything });
  }

  private createRole({ cluster, namespace, serviceAccount }: PodIdentityArgs): aws.iam.Role {
    const trust = {
      Sid: "AllowEksAuthToAssumeRoleForPodIdentity",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      // Without these, any association in the account could hand the role to any pod.
      Condition: {
        StringEquals: {
          "aws:RequestTag/eks-cluster-arn": cluster.arn,
          "aws:RequestTag/kubernetes-namespace": namespace,
          "aws:RequestTag/kubernetes-service-account": serviceAccount,
        },
      },
    };
    const description = `Pods of ServiceAccount ${namespace}/${serviceAccount}`;
    return new aws.iam.Role(
      this.nameOf("role"),
      { description, assumeRolePolicy: policyDocument([trust]) },
      this.childOptions(),
    );
  }

  private createPolicy(role: aws.iam.Role, name: string, statements: readonly Statement[]): aws.iam.RolePolicy {
    const args = { role: role.name, name, policy: policyDocument(statements) };
    return new aws.iam.RolePolicy(this.nameOf(name), args, this.childOptions());
  }

  private attach(role: aws.iam.Role, policyArn: string): aws.iam.RolePolicyAttachment {
    const name = this.nameOf(policyArn.split("/").at(-1) ?? policyArn);
    return new aws.iam.RolePolicyAttachment(name, { role: role.name, policyArn }, this.childOptions());
  }

  private createAssociation(
    { cluster, namespace, serviceAccount }: PodIdentityArgs,
    role: aws.iam.Role,
    dependsOn: pulumi.Resource[],
  ): aws.eks.PodIdentityAssociation {
    return new aws.eks.PodIdentityAssociation(
      this.nameOf("association"),
      { clusterName: cluster.name, namespace, serviceAccount, roleArn: role.arn },
      this.childOptions({ dependsOn }),
    );
  }
}
