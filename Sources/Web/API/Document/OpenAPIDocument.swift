import Consent
import FHIR

/// The OpenAPI 3.1 document of the REST API, made from the table of operations.
package enum OpenAPIDocument {
  /// - Parameter strings: the words of the operations.
  package static func bytes(version: String, strings: PortalStrings) -> [UInt8] {
    JSONTree.object([
      ("openapi", "3.1.0"),
      (
        "info",
        .object([
          ("title", "PeerChart"), ("version", .string(version)),
          ("summary", .string(strings["api.lead"])),
          ("description", .string(strings["api.notes"])),
          ("license", .object([("name", "MIT"), ("identifier", "MIT")])),
        ])
      ), ("jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema"),
      ("servers", [.object([("url", "/")])]),
      (
        "tags",
        .array(
          APIDescription.Topic.allCases.map {
            .object([
              ("name", .string($0.rawValue)),
              ("description", .string(strings["api.topic_\($0.rawValue)"])),
            ])
          })
      ), ("paths", paths(strings)), ("components", components),
    ]).serialized()
  }

  private static func paths(_ strings: PortalStrings) -> JSONTree {
    var paths: [(String, [(String, JSONTree)])] = []
    for operation in APIOperation.allCases {
      let path = operation.description.path
      let item = (operation.description.method.lowercased(), tree(operation, strings))
      if let known = paths.firstIndex(where: { $0.0 == path }) {
        paths[known].1.append(item)
      } else {
        paths.append((path, [item]))
      }
    }
    return .object(paths.map { ($0.0, .object($0.1)) })
  }

  private static func tree(_ operation: APIOperation, _ strings: PortalStrings) -> JSONTree {
    let row = operation.description
    var members: [(String, JSONTree)] = [
      ("operationId", .string(operation.rawValue)), ("tags", [.string(row.topic.rawValue)]),
      ("summary", .string(strings["api.op.\(operation.rawValue)"])),
      ("security", row.isOpen ? [] : [.object([("token", [])])]),
      ("x-permission", .string(row.permission.text)),
    ]
    let parameters = (row.idRule.map { [idParameter($0)] } ?? []) + row.parameters.map(parameter)
    if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
    if let body = row.body {
      var content: [(String, JSONTree)] = [
        ("schema", .object([("$ref", .string(body.reference))]))
      ]
      if let example = row.example {
        content.append(
          ("examples", .object([("sample", .object([("value", .raw(Array(example.utf8)))]))])))
      }
      members.append(
        (
          "requestBody",
          .object([
            ("required", true), ("content", .object([("application/json", .object(content))])),
          ])
        ))
    }
    members.append(("responses", responses(row, strings)))
    return .object(members)
  }

  private static func idParameter(_ rule: TextRule) -> JSONTree {
    .object([
      ("name", "id"), ("in", "path"), ("required", true), ("schema", JSONSchema.text(rule).tree),
    ])
  }

  private static func parameter(_ parameter: APIDescription.Parameter) -> JSONTree {
    var members: [(String, JSONTree)] = [
      ("name", .string(parameter.name)), ("in", .string(parameter.place.rawValue)),
      ("required", false), ("description", .string(parameter.note)),
      ("schema", parameter.schema.tree),
    ]
    if case .list = parameter.schema {
      members += [("style", "form"), ("explode", false)]
    }
    return .object(members)
  }

  private static func responses(_ row: APIDescription, _ strings: PortalStrings) -> JSONTree {
    var fields: [(String, JSONTree)] = row.fields.map {
      ($0, .object([("$ref", .string("#/components/headers/\($0)"))]))
    }
    fields.append(("X-Request-Id", .object([("$ref", "#/components/headers/X-Request-Id")])))
    var success: [(String, JSONTree)] = [
      ("description", .string(ErrorStatus.title(ofSuccess: row.status))),
      ("headers", .object(fields)),
    ]
    if let answer = row.answer {
      success.append(
        (
          "content",
          .object([
            (
              "application/json",
              .object([("schema", .object([("$ref", .string(answer.reference))]))])
            )
          ])
        ))
    }
    return .object(
      [(String(row.status), .object(success))]
        + row.refusals.map {
          (String($0), .object([("$ref", .string("#/components/responses/\($0)"))]))
        })
  }

  private static var components: JSONTree {
    let statuses = Set(APIOperation.allCases.flatMap(\.description.refusals)).sorted()
    return .object([
      ("schemas", .object(APIComponent.allCases.map { ($0.rawValue, $0.schema.tree) })),
      ("responses", .object(statuses.map { (String($0), refusal($0)) })),
      (
        "headers",
        .object([
          header("ETag", "^W/\"[1-9][0-9]*\"$", "The version."),
          header("Location", "^.+$", "Where it is."),
          header("X-Request-Id", "^[0-9a-f-]+$", "The request's id, as in the node's log."),
          header("Retry-After", "^[0-9]+$", "After how many seconds to try again."),
          header("WWW-Authenticate", "^Bearer .+$", "What is asked for (RFC 6750)."),
        ])
      ),
      (
        "securitySchemes",
        .object([
          (
            "token",
            .object([
              ("type", "http"), ("scheme", "bearer"), ("bearerFormat", "JWT"),
              (
                "description",
                "From signing in: good for five minutes, and no longer than the session."
              ),
            ])
          )
        ])
      ),
    ])
  }

  private static func header(
    _ name: String, _ pattern: String, _ note: String
  ) -> (String, JSONTree) {
    (
      name,
      .object([
        ("description", .string(note)),
        ("schema", .object([("type", "string"), ("pattern", .string(pattern))])),
      ])
    )
  }

  private static func refusal(_ status: Int) -> JSONTree {
    var fields = ["X-Request-Id"]
    if status == 401 { fields.append("WWW-Authenticate") }
    if status == 429 || status == 503 { fields.append("Retry-After") }
    return .object([
      ("description", .string(ErrorStatus.title(status))),
      (
        "headers",
        .object(
          fields.map { ($0, .object([("$ref", .string("#/components/headers/\($0)"))])) })
      ),
      (
        "content",
        .object([
          (
            "application/problem+json",
            .object([("schema", .object([("$ref", .string(APIComponent.problem.reference))]))])
          )
        ])
      ),
    ])
  }
}

extension APIDescription.Permission {
  /// As the document and the tests name it.
  package var text: String {
    switch self {
    case .open: "open"
    case .anybody: "anybody"
    case .signedIn: "signed-in"
    case .node(let permission): permission.rawValue
    case .record(let action), .own(let action): "record:\(action.rawValue)"
    }
  }
}

extension ErrorStatus {
  fileprivate static func title(ofSuccess status: Int) -> String {
    switch status {
    case 201: "Created"
    case 204: "No Content"
    default: "OK"
    }
  }
}
