import ArgumentParser
import Consent
import FHIR

/// Codes on the command line, as lists with commas. A code that is not known is wrong usage, and the
/// message lists those that are.
enum CodeList {
  static func parse<Code: RawRepresentable & CaseIterable>(
    _ text: String, of what: String
  ) throws -> [Code] where Code.RawValue == String {
    try text.split(separator: ",", omittingEmptySubsequences: false)
      .map { try one(String($0), of: what) }
  }

  static func one<Code: RawRepresentable & CaseIterable>(
    _ name: String, of what: String
  ) throws -> Code where Code.RawValue == String {
    guard let code = Code(rawValue: name) else {
      throw ValidationError("'\(name)' is not a \(what); known are \(names(of: Code.self))")
    }
    return code
  }

  static func names<Code: RawRepresentable & CaseIterable>(of _: Code.Type) -> String
  where Code.RawValue == String {
    Code.allCases.map(\.rawValue).joined(separator: ", ")
  }
}

extension RecordTypeSet {
  /// `allergies,medications`, or `all`.
  init(argument text: String) throws {
    self = text == "all" ? .all : Self(try CodeList.parse(text, of: "record type") as [RecordType])
  }
}

extension LabelSet {
  /// `substance-use,hiv`, or `all`: the sensitivity labels named and nothing else.
  init(argument text: String) throws {
    let labels: [SensitivityLabel] =
      text == "all"
      ? SensitivityLabel.allCases : try CodeList.parse(text, of: "sensitivity label")
    self = labels.reduce(into: []) { $0.formUnion(LabelSet($1)) }
  }
}

extension ActionSet {
  /// `read,search`, or `all`.
  init(argument text: String) throws {
    self = text == "all" ? .all : Self(try CodeList.parse(text, of: "action") as [ConsentAction])
  }
}

extension PurposeSet {
  /// `TREAT,HPAYMT`
  init(argument text: String) throws {
    self.init(try CodeList.parse(text, of: "purpose of use") as [PurposeOfUse])
  }
}

extension PurposeOfUse {
  /// `TREAT`
  init(argument text: String) throws {
    self = try CodeList.one(text, of: "purpose of use")
  }
}
