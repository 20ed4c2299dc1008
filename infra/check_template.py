"""Checks what template.yaml expands to, which is what CloudFormation deploys.

cfn-lint reads the template as it is written; SAM makes roles, permissions and an API definition of it. Here they are
looked at: every integration may be invoked, no policy is wider than what it names, nothing refers to itself in a
circle, every function is watched, what fails unasked is kept. Each check is run on a template that breaks it too, and
must fail there. And `sam build` must be able to read it.
"""

import copy
import logging
import os
import re
import sys
import tomllib
from pathlib import Path

from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
# What SAM gives by itself, and nothing else: writing logs to every function, and receiving to whoever works a queue.
MANAGED = {
    name: f"arn:aws:iam::aws:policy/service-role/{name}"
    for name in ("AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole")
}


class ManagedPolicies:
    """Stands for the list that SAM asks of IAM."""

    def load(self):
        return MANAGED


def expand(template):
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    for resource in template["Resources"].values():
        # As `sam package` leaves it: what is built is in a bucket by then.
        for name in {"CodeUri", "Location"} & set(resource.get("Properties", {})):
            resource["Properties"][name] = f"s3://packaged/{resource['Properties'][name]}"
    return transform(template, {}, ManagedPolicies())


def of_type(expanded, kind):
    found = expanded["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in found if resource["Type"] == kind}


def mentioned(node):
    """Every resource that a value refers to."""
    if isinstance(node, list):
        return set().union(*map(mentioned, node), set())
    if not isinstance(node, dict):
        return set()
    found = set()
    for key, value in node.items():
        if key == "Ref":
            found.add(value)
        elif key == "Fn::GetAtt":
            found.add(value[0] if isinstance(value, list) else value.split(".")[0])
        elif key == "Fn::Sub":
            text, given = value if isinstance(value, list) else (value, {})
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([A-Za-z0-9.]+)\}", text)} - set(given)
            found |= mentioned(given)
        else:
            found |= mentioned(value)
    return found


def integrations_without_permission(expanded):
    functions = set(of_type(expanded, "AWS::Lambda::Function"))
    permissions = of_type(expanded, "AWS::Lambda::Permission").values()
    allowed = {(name, str(one.get("SourceArn"))) for one in permissions for name in mentioned(one["FunctionName"]) & functions}

    def may(function, api, route):
        return any(function == name and api in source and route in source for name, source in allowed)

    for api, given in of_type(expanded, "AWS::ApiGatewayV2::Api").items():
        for path, methods in given.get("Body", {}).get("paths", {}).items():
            for method, route in methods.items():
                uri = route.get("x-amazon-apigateway-integration", {}).get("uri")
                for function in mentioned(uri) & functions:
                    # SAM writes a path's parameters as `*` in the source of a permission, but for a greedy one.
                    if not may(function, api, f"/{method.upper()}{re.sub('{[^}+]*}', '*', path)}"):
                        yield f"{api} may not invoke {function} for {method.upper()} {path}"
    integrations = of_type(expanded, "AWS::ApiGatewayV2::Integration")
    for route in of_type(expanded, "AWS::ApiGatewayV2::Route").values():
        for name in mentioned(route["Target"]) & set(integrations):
            for function in mentioned(integrations[name]["IntegrationUri"]) & functions:
                for api in mentioned(route["ApiId"]):
                    if not may(function, api, "/" + route["RouteKey"]):
                        yield f"{api} may not invoke {function} for {route['RouteKey']}"


def wide_rights(expanded):
    for name, role in of_type(expanded, "AWS::IAM::Role").items():
        extra = [one for one in role.get("ManagedPolicyArns", []) if str(one).rpartition("/")[2] not in MANAGED]
        if extra:
            yield f"{name} has the managed policies {extra}"
        for policy in role.get("Policies", []):
            statements = policy["PolicyDocument"]["Statement"]
            for statement in statements if isinstance(statements, list) else [statements]:
                for what in ("Action", "Resource"):
                    values = statement.get(what)
                    for value in values if isinstance(values, list) else [values]:
                        if value == "*" or what == "Action" and "*" in str(value):
                            yield f"{name} allows {what} {value}"


def circles(expanded):
    edges = {}
    for name, resource in expanded["Resources"].items():
        depends = resource.get("DependsOn", [])
        found = mentioned(resource.get("Properties", {})) | set([depends] if isinstance(depends, str) else depends)
        edges[name] = found & set(expanded["Resources"])
    # Whoever refers to nobody that is left is taken away; what stays is in a circle, or refers to one.
    while True:
        free = {name for name, found in edges.items() if not found}
        if not free:
            break
        edges = {name: found - free for name, found in edges.items() if name not in free}
    for name, found in sorted(edges.items()):
        yield f"{name} is in a circle with {sorted(found)}"


def unwatched(expanded):
    watched = mentioned(expanded["Resources"]["Watch"]["Properties"]["Parameters"]["Functions"])
    for name in sorted(set(of_type(expanded, "AWS::Lambda::Function")) - watched):
        yield f"{name} is not in the list of functions that have alarms"


def unanswered(expanded):
    """Functions that S3 invokes and waits for no answer of, whose failures nobody keeps."""
    kept = set()
    for given in of_type(expanded, "AWS::Lambda::EventInvokeConfig").values():
        target = given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        for name in mentioned(given["FunctionName"]) if target else ():
            role = expanded["Resources"][f"{name}Role"]["Properties"]
            if any("sqs:SendMessage" in str(policy) and str(target) in str(policy) for policy in role["Policies"]):
                kept.add(name)
    for given in of_type(expanded, "AWS::Lambda::Permission").values():
        if given["Principal"] == "s3.amazonaws.com":
            for name in sorted(mentioned(given["FunctionName"]) - kept):
                yield f"{name} fails without a trace: it has no destination, or may not send there"


def without_permission(expanded):
    del expanded["Resources"]["MessagePermission"]


def with_all_rights(expanded):
    role = next(iter(of_type(expanded, "AWS::IAM::Role").values()))
    role["Policies"] = [{"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}]


def with_a_circle(expanded):
    variables = expanded["Resources"]["Rooms"]["Properties"]["Environment"]["Variables"]
    variables["API"] = {"Fn::Sub": "https://${Api}.example"}


def without_a_destination(expanded):
    for given in of_type(expanded, "AWS::Lambda::EventInvokeConfig").values():
        del given["DestinationConfig"]["OnFailure"]


def with_one_more_function(expanded):
    expanded["Resources"]["Forgotten"] = {"Type": "AWS::Lambda::Function", "Properties": {}}


CHECKS = {
    integrations_without_permission: without_permission,
    wide_rights: with_all_rights,
    circles: with_a_circle,
    unwatched: with_one_more_function,
    unanswered: without_a_destination,
}


def unbuildable():
    """Why `sam build` could not read the template, or the one within it, with what samconfig.toml tells it."""
    told = tomllib.loads(TEMPLATE.with_name("samconfig.toml").read_text())["default"]["build"]["parameters"]

    def reads(extensions):
        try:
            return SamLocalStackProvider.get_stacks(str(TEMPLATE), language_extensions_enabled=extensions)[0]
        except Exception as fault:
            return fault

    stacks = reads(told["language_extensions"])
    if not isinstance(stacks, list) or [stack.name for stack in stacks] != ["", "Watch"]:
        yield f"sam build cannot read it: {stacks}"
    logging.disable()
    if isinstance(reads(False), list):
        yield "sam build reads loops without being told to: samconfig.toml need not say so any more"


def main():
    expanded = expand(yaml_parse(TEMPLATE.read_text()))
    faults = list(unbuildable())
    for check, spoil in CHECKS.items():
        faults += check(expanded)
        spoilt = copy.deepcopy(expanded)
        spoil(spoilt)
        if not list(check(spoilt)):
            faults.append(f"the check {check.__name__} does not see what {spoil.__name__} breaks")
    for fault in faults:
        print(f"{TEMPLATE.name}: {fault}", file=sys.stderr)
    print(f"{TEMPLATE.name}: {len(expanded['Resources'])} resources, {len(CHECKS)} checks, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
