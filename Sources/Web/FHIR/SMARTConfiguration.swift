import FHIR
import Identity

/// `.well-known/smart-configuration` (SMART App Launch 2.2 section 2.0.9.5): what there is for apps on
/// this node. Tokens are given out by whoever runs the node, not over HTTP, so no endpoint is named.
enum SMARTConfiguration {
  static let bytes: [UInt8] = JSONTree.object([
    ("capabilities", .array(["permission-v2"])),
    (
      "scopes_supported",
      .array(
        Scope.Context.allCases.flatMap { context in
          ["*.cruds", "*.rs"].map { .string("\(context.rawValue)/\($0)") }
        })
    ),
    ("grant_types_supported", .array([])),
    ("code_challenge_methods_supported", .array([])),
  ]).serialized()
}
