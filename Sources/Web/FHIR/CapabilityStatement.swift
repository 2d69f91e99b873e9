import Exchange
import FHIR
import Identity
import Primitives

/// What this node can do (R4 CapabilityStatement), put together from what is there.
enum CapabilityStatement {
  static func bytes(version: String, date: Instant, server: ServerMetadata) -> [UInt8] {
    JSONTree.object([
      ("resourceType", "CapabilityStatement"),
      ("status", "active"),
      ("date", .string(date.description)),
      ("kind", "instance"),
      (
        "instantiates",
        .array(["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"])
      ),
      ("software", .object([("name", "PeerChart"), ("version", .string(version))])),
      ("implementation", .object([("description", "A PeerChart node")])),
      ("fhirVersion", "4.0.1"),
      ("format", .array(["json", "xml"])),
      ("patchFormat", .array([.string(MediaTypes.jsonPatch), "application/fhir+json"])),
      (
        "rest",
        .array([
          .object([
            ("mode", "server"),
            ("security", security(server)),
            ("resource", .array(ResourceType.names.sorted().map(resource))),
            (
              "interaction",
              .array(
                ["transaction", "batch", "history-system", "search-system"].map {
                  .object([("code", .string($0))])
                })
            ),
            (
              "operation",
              .array(OperationName.allCases.filter { $0.levels.contains(.system) }.map(operation))
            ),
          ])
        ])
      ),
    ]).serialized()
  }

  private static func operation(_ name: OperationName) -> JSONTree { operation(name, on: nil) }

  private static func operation(_ name: OperationName, on type: String?) -> JSONTree {
    var definition = name.definition
    if name == .export, let type {
      definition =
        "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/\(type.lowercased())-export"
    }
    return .object([("name", .string(String(name.code))), ("definition", .string(definition))])
  }

  /// With the extension by which older apps find the authorization server (SMART App Launch 1.0); newer
  /// ones read `.well-known/smart-configuration`.
  private static func security(_ server: ServerMetadata) -> JSONTree {
    let addresses: [(String, ServerMetadata.Endpoint)] = [
      ("authorize", .authorize), ("token", .token), ("register", .register),
      ("introspect", .introspect), ("revoke", .revoke), ("manage", .manage),
    ]
    return .object([
      (
        "extension",
        .array([
          .object([
            (
              "extension",
              .array(
                addresses.map { name, endpoint in
                  .object([
                    ("url", .string(name)), ("valueUri", .string(server.address(endpoint))),
                  ])
                })
            ),
            ("url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"),
          ])
        ])
      ),
      ("cors", .bool(false)),
      (
        "service",
        .array([
          .object([
            (
              "coding",
              .array([
                .object([
                  (
                    "system",
                    "http://terminology.hl7.org/CodeSystem/restful-security-service"
                  ),
                  ("code", "SMART-on-FHIR"),
                ])
              ])
            )
          ])
        ])
      ),
      (
        "description",
        .string(
          "TLS 1.3 with an access token, or with the certificate of a paired node. The purpose of "
            + "use is named in X-Purpose-Of-Use (HL7 v3 PurposeOfUse). A scope with a query "
            + "(patient/Observation.rs?category=laboratory) opens the records that meet it, for reading and "
            + "searching, by search parameters of the type without modifiers and chains; it opens nothing "
            + "for writing, exports and subscriptions.")
      ),
    ])
  }

  private static func resource(_ type: String) -> JSONTree {
    let interactions = [
      "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create",
      "search-type",
    ]
    let parameters = SearchParameterTable.standard.parameters(of: type)
    return .object(
      subscriptionMembers(of: type) + [
        ("type", .string(type)),
        ("interaction", .array(interactions.map { .object([("code", .string($0))]) })),
        ("versioning", "versioned-update"),
        ("readHistory", .bool(true)),
        ("updateCreate", .bool(true)),
        ("conditionalCreate", .bool(true)),
        ("conditionalRead", "not-match"),
        ("conditionalUpdate", .bool(true)),
        ("conditionalDelete", "single"),
        (
          "searchInclude",
          .array(
            parameters.filter { $0.kind == .reference }.map { .string("\(type):\($0.name)") })
        ),
        (
          "searchParam",
          .array(
            parameters.map {
              .object([("name", .string($0.name)), ("type", .string($0.kind.rawValue))])
            })
        ),
        (
          "operation",
          .array(
            OperationName.allCases.filter {
              $0.isOffered(on: type, .type) || $0.isOffered(on: type, .instance)
            }.map { operation($0, on: type) })
        ),
      ])
  }
}
