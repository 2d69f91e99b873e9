"""Looks at a server's TLS with sslyze.

usage: check_tls.py HOST:PORT CA

Prints one line of JSON: the suites of each version, the curves, weaknesses by name, and what the
certificate is like. CA is the only authority that is trusted.
"""

import json
import pathlib
import sys

from cryptography import x509
from sslyze import (
    CertificateInfoExtraArgument,
    ScanCommand,
    ScanCommandAttemptStatusEnum,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkLocation,
    ServerScanRequest,
)

VERSIONS = {
    "SSL 2.0": "ssl_2_0_cipher_suites",
    "SSL 3.0": "ssl_3_0_cipher_suites",
    "TLS 1.0": "tls_1_0_cipher_suites",
    "TLS 1.1": "tls_1_1_cipher_suites",
    "TLS 1.2": "tls_1_2_cipher_suites",
    "TLS 1.3": "tls_1_3_cipher_suites",
}
OTHERS = {
    "heartbleed": lambda found: found.is_vulnerable_to_heartbleed,
    "openssl_ccs_injection": lambda found: found.is_vulnerable_to_ccs_injection,
    "robot": lambda found: "VULNERABLE" in found.robot_result.name
    and "NOT_VULNERABLE" not in found.robot_result.name,
    "tls_compression": lambda found: found.supports_compression,
    "session_renegotiation": lambda found: found.is_vulnerable_to_client_renegotiation_dos,
    "tls_1_3_early_data": lambda found: found.supports_early_data,
}


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    location = ServerNetworkLocation(hostname="localhost", ip_address=host, port=int(port))
    commands = set(VERSIONS.values()) | set(OTHERS) | {"certificate_info", "elliptic_curves"}
    scanner = Scanner(per_server_concurrent_connections_limit=2)
    scanner.queue_scans(
        [
            ServerScanRequest(
                server_location=location,
                scan_commands={ScanCommand(name) for name in commands},
                scan_commands_extra_arguments=ScanCommandsExtraArguments(
                    certificate_info=CertificateInfoExtraArgument(
                        custom_ca_file=pathlib.Path(sys.argv[2])
                    )
                ),
            )
        ]
    )
    result = next(iter(scanner.get_results()))
    errors = []
    if result.scan_result is None:
        sys.exit(f"cannot connect: {result.connectivity_error_trace}")

    def found(name):
        attempt = getattr(result.scan_result, name)
        if attempt.status != ScanCommandAttemptStatusEnum.COMPLETED:
            # What needs an older version than there is cannot be tried, and is no weakness.
            errors.append(f"{name}: {attempt.error_reason}")
            return None
        return attempt.result

    report = {"versions": {}, "weaknesses": []}
    for version, name in VERSIONS.items():
        suites = found(name)
        report["versions"][version] = [
            one.cipher_suite.name for one in (suites.accepted_cipher_suites if suites else [])
        ]
    for name, is_weak in OTHERS.items():
        one = found(name)
        if one is not None and is_weak(one):
            report["weaknesses"].append(name)
    curves = found("elliptic_curves")
    report["curves"] = [one.name for one in (curves.supported_curves or [])] if curves else []
    certificates = found("certificate_info")
    deployment = certificates.certificate_deployments[0]
    leaf = deployment.received_certificate_chain[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    report["keyBits"] = leaf.public_key().key_size
    report["signatureHash"] = leaf.signature_hash_algorithm.name
    report["isValidForName"] = "localhost" in names.get_values_for_type(x509.DNSName)
    report["isChainTrusted"] = any(
        one.was_validation_successful for one in deployment.path_validation_results
    )
    report["early"] = None
    report["errors"] = errors
    print(json.dumps(report))


main()
