public import Primitives

/// RFC 8785 (JSON Canonicalization Scheme), for texts whose numbers are integers.
///
/// Fractions are refused: canonical numbers are those of ECMAScript, which would make `1.10` and `1.1`
/// the same under a signature although FHIR holds them to be different.
public enum CanonicalJSON {
  /// The canonical form of a value, without the members of the outermost object that `omitting` names.
  ///
  /// - Throws: `invalid` for a number that is no integer of at most 53 bits.
  public static func serialize(
    _ value: JSONValue, omitting: (String) -> Bool = { _ in false }
  ) throws(PeerChartError) -> [UInt8] {
    var output: [UInt8] = []
    try write(value, omitting: omitting, to: &output)
    return output
  }

  /// The canonical form of a tree.
  ///
  /// - Throws: as above; `malformed` where the tree is no JSON (a name twice, raw bytes that are
  ///   none).
  public static func serialize(_ tree: JSONTree) throws(PeerChartError) -> [UInt8] {
    try serialize(JSONDocument(parsing: tree.serialized()).root)
  }

  private static func write(
    _ value: JSONValue, omitting: (String) -> Bool, to output: inout [UInt8]
  ) throws(PeerChartError) {
    switch value.kind {
    case .object:
      // Section 3.2.3: sorted by UTF-16 code units.
      let members = value.members.filter { !omitting($0.name) }
        .sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
      output.append(0x7B)
      for (position, member) in members.enumerated() {
        if position > 0 { output.append(0x2C) }
        JSONText.appendLiteral(member.name, to: &output)
        output.append(0x3A)
        try write(member.value, omitting: { _ in false }, to: &output)
      }
      output.append(0x7D)
    case .array:
      output.append(0x5B)
      for (position, element) in value.elements.enumerated() {
        if position > 0 { output.append(0x2C) }
        try write(element, omitting: { _ in false }, to: &output)
      }
      output.append(0x5D)
    case .string: JSONText.appendLiteral(value.string ?? "", to: &output)
    case .number:
      guard let integer = Int64(value.numberLiteral ?? ""), integer.magnitude < 1 << 53 else {
        throw PeerChartError(
          .invalid, "a number other than an integer of at most 53 bits has no canonical form here",
          place: value.pointer)
      }
      output += String(integer).utf8
    case .bool, .null: output += value.raw
    }
  }
}
