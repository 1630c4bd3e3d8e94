/** Actions that the makers of controllers ask for, to hold our policies against: ours may have fewer, and none beside. */

/** kubernetes-sigs/aws-load-balancer-controller v3.5.0, docs/install/iam_policy.json. */
export const LOAD_BALANCER_CONTROLLER = `
iam:CreateServiceLinkedRole ec2:DescribeAccountAttributes ec2:DescribeAddresses ec2:DescribeAvailabilityZones
ec2:DescribeInternetGateways ec2:DescribeVpcs ec2:DescribeVpcPeeringConnections ec2:DescribeSubnets ec2:DescribeSecurityGroups
ec2:DescribeInstances ec2:DescribeNetworkInterfaces ec2:DescribeTags ec2:GetCoipPoolUsage ec2:DescribeCoipPools
ec2:GetSecurityGroupsForVpc ec2:DescribeIpamPools ec2:DescribeRouteTables elasticloadbalancing:DescribeLoadBalancers
elasticloadbalancing:DescribeLoadBalancerAttributes elasticloadbalancing:DescribeListeners
elasticloadbalancing:DescribeListenerCertificates elasticloadbalancing:DescribeSSLPolicies elasticloadbalancing:DescribeRules
elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetGroupAttributes
elasticloadbalancing:DescribeTargetHealth elasticloadbalancing:DescribeTags elasticloadbalancing:DescribeTrustStores
elasticloadbalancing:DescribeListenerAttributes elasticloadbalancing:DescribeCapacityReservation
cognito-idp:DescribeUserPoolClient acm:ListCertificates acm:DescribeCertificate iam:ListServerCertificates
iam:GetServerCertificate waf-regional:GetWebACL waf-regional:GetWebACLForResource waf-regional:AssociateWebACL
waf-regional:DisassociateWebACL wafv2:GetWebACL wafv2:GetWebACLForResource wafv2:AssociateWebACL wafv2:DisassociateWebACL
shield:GetSubscriptionState shield:DescribeProtection shield:CreateProtection shield:DeleteProtection
ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupIngress ec2:CreateSecurityGroup ec2:CreateTags ec2:DeleteTags
ec2:DeleteSecurityGroup elasticloadbalancing:CreateLoadBalancer elasticloadbalancing:CreateTargetGroup
elasticloadbalancing:CreateListener elasticloadbalancing:DeleteListener elasticloadbalancing:CreateRule
elasticloadbalancing:DeleteRule elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags
elasticloadbalancing:ModifyLoadBalancerAttributes elasticloadbalancing:SetIpAddressType elasticloadbalancing:SetSecurityGroups
elasticloadbalancing:SetSubnets elasticloadbalancing:DeleteLoadBalancer elasticloadbalancing:ModifyTargetGroup
elasticloadbalancing:ModifyTargetGroupAttributes elasticloadbalancing:DeleteTargetGroup
elasticloadbalancing:ModifyListenerAttributes elasticloadbalancing:ModifyCapacityReservation
elasticloadbalancing:ModifyIpPools elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets
elasticloadbalancing:SetWebAcl elasticloadbalancing:ModifyListener elasticloadbalancing:AddListenerCertificates
elasticloadbalancing:RemoveListenerCertificates elasticloadbalancing:ModifyRule elasticloadbalancing:SetRulePriorities`;

/** kubernetes-sigs/aws-efs-csi-driver, chart 4.4.1, docs/iam-policy-example.json. */
export const EFS_CSI = `
elasticfilesystem:DescribeAccessPoints elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeMountTargets
s3files:ListAccessPoints s3files:ListFileSystems ec2:DescribeAvailabilityZones elasticfilesystem:CreateAccessPoint
s3files:CreateAccessPoint elasticfilesystem:TagResource s3files:TagResource elasticfilesystem:DeleteAccessPoint
s3files:DeleteAccessPoint`;

/** aws-controllers-k8s/rds-controller v1.11.1, calls of `rm.sdkapi` in pkg/resource/db_instance. */
export const ACK_RDS = `
rds:AddTagsToResource rds:CreateDBInstance rds:CreateDBInstanceReadReplica rds:DeleteDBInstance rds:DescribeDBInstances
rds:ListTagsForResource rds:ModifyDBInstance rds:RemoveTagsFromResource rds:RestoreDBInstanceFromDBSnapshot`;

/** cert-manager.io/docs/configuration/acme/dns01/route53, "Set up an IAM Policy". */
export const CERT_MANAGER = `
route53:GetChange route53:ChangeResourceRecordSets route53:ListResourceRecordSets route53:ListHostedZonesByName`;

/** grafana.com/docs: Loki "Storage" and Tempo "Amazon S3 permissions"; KMS by S3's "Reducing the cost of SSE-KMS". */
export const OBJECT_STORE = `s3:ListBucket s3:PutObject s3:GetObject s3:DeleteObject s3:GetObjectTagging s3:PutObjectTagging
kms:GenerateDataKey kms:Decrypt`;

export function actionsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}
