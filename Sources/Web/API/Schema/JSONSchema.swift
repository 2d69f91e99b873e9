/// What JSON has to look like: the part of JSON Schema 2020-12 that the API needs. One value checks what
/// comes in and describes it in the OpenAPI document, so the two cannot differ.
package indirect enum JSONSchema: Sendable {
  case text(TextRule)
  /// One of some words.
  case word([String])
  case integer(ClosedRange<Int>)
  case flag
  case list(JSONSchema, ClosedRange<Int>, isSet: Bool = false)
  /// These members and no others.
  case object([Member])
  /// A FHIR resource: what is in it is checked where resources are.
  case resource
  /// One of the named schemas.
  case named(APIComponent)
  /// One of several shapes.
  case either([JSONSchema])

  /// A member of an object.
  package struct Member: Sendable {
    package let name: String
    package let schema: JSONSchema
    package let isRequired: Bool
    /// For readers of the document.
    package let note: String?

    package init(name: String, schema: JSONSchema, isRequired: Bool, note: String? = nil) {
      self.name = name
      self.schema = schema
      self.isRequired = isRequired
      self.note = note
    }
  }
}

extension JSONSchema.Member {
  /// One that has to be there.
  static func must(
    _ name: String, _ schema: JSONSchema, _ note: String? = nil
  ) -> JSONSchema.Member {
    JSONSchema.Member(name: name, schema: schema, isRequired: true, note: note)
  }

  /// One that may be left out.
  static func may(
    _ name: String, _ schema: JSONSchema, _ note: String? = nil
  ) -> JSONSchema.Member {
    JSONSchema.Member(name: name, schema: schema, isRequired: false, note: note)
  }
}
