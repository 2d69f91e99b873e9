import Consent
import FHIR
import Primitives

/// Whose word a request from another node waits for.
extension Exchange {
  /// The patient whom a request means, as far as that is known: answered for, named by id, or the one of
  /// the caller's own patients whom name and birth date fit.
  func addressee(of request: AccessRequestRecord, _ reading: Reading) throws -> String? {
    if let patient = request.patient { return patient }
    let hint = request.message.patient
    if let id = hint.id { return id }
    return try reading.caller.patients.first { try fits(hint, patient: $0, reading) }
  }

  /// Whether the caller may see a request: as the patient whom it means, or for the staff that made it.
  func isToBeSeen(_ request: AccessRequestRecord, _ reading: Reading) throws -> Bool {
    let caller = reading.caller
    if caller.identity == .nodeOperator { return true }
    switch request.direction {
    case .outgoing:
      return (try? require(.requestAccess, caller)) != nil
    case .incoming:
      guard let patient = try addressee(of: request, reading) else { return false }
      return (try? require(.decideSharing, of: patient, caller)) != nil
    }
  }

  /// Name and birth date together: either alone is another person's as well.
  private func fits(_ hint: PatientHint, patient: String, _ reading: Reading) throws -> Bool {
    guard let name = hint.name?.searchWords, !name.isEmpty, let birthDate = hint.birthDate,
      let row = try reading.snapshot.newestVersion(of: keys.recordKey("Patient", patient)),
      !row.isDeleted
    else { return false }
    return try reading.open(row).withResource { patient in
      guard patient.root["birthDate"]?.string == birthDate, let names = patient.root["name"] else {
        return false
      }
      return names.elements.contains { known in
        var parts = [known["family"], known["text"]].compactMap { $0?.string }
        for given in known["given"].map({ Array($0.elements) }) ?? [] {
          parts += [given.string].compactMap { $0 }
        }
        let words = Set(parts.flatMap(\.searchWords))
        return name.allSatisfy(words.contains)
      }
    }
  }
}

extension String {
  /// The words of a name, folded.
  fileprivate var searchWords: [String] {
    lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
}
