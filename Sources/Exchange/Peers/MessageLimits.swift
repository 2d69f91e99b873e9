import Identity

/// How much of anything a peer's message may hold. What is kept of it stays small, whatever a peer that
/// was taken over sends; a document alone may be as large as a body.
enum MessageLimits {
  /// Ids of requests, grants and patients (bytes).
  static let id = 128
  /// What people wrote: a reason, a note, a name (bytes).
  static let text = 4000
  /// Codes in one list, and the bytes of each.
  static let codes = 64
  /// A signed Consent or statement (bytes).
  static let signed = 256 << 10
  /// How long access can be asked for, in seconds: ten years.
  static let longestAccess: Int64 = 10 * 366 * 86_400

  static func fits(_ text: String?, _ limit: Int) -> Bool { (text?.utf8.count ?? 0) <= limit }

  static func fits(_ list: [String]) -> Bool {
    list.count <= codes && list.allSatisfy { $0.utf8.count <= codes }
  }
}

extension AccessRequestMessage {
  var isPlausible: Bool {
    MessageLimits.fits(request, 64) && MessageLimits.fits(reason, MessageLimits.text)
      && MessageLimits.fits(patient.id, MessageLimits.id)
      && MessageLimits.fits(patient.name, MessageLimits.text)
      && MessageLimits.fits(patient.birthDate, MessageLimits.id)
      && MessageLimits.fits(purpose, MessageLimits.codes) && MessageLimits.fits(recordTypes)
      && MessageLimits.fits(labels) && MessageLimits.fits(actions)
      && MessageLimits.fits(accreditation, EntityStatement.longest)
      && (1...MessageLimits.longestAccess).contains(seconds)
  }
}

extension AccessAnswerMessage {
  var isPlausible: Bool {
    MessageLimits.fits(request, MessageLimits.id) && MessageLimits.fits(grant, MessageLimits.id)
      && MessageLimits.fits(patient, MessageLimits.id)
      && MessageLimits.fits(note, MessageLimits.text)
      && (consent?.count ?? 0) <= MessageLimits.signed && (patientKey?.count ?? 0) <= 32
  }
}

extension RevocationMessage {
  var isPlausible: Bool {
    MessageLimits.fits(grant, MessageLimits.id) && MessageLimits.fits(patient, MessageLimits.id)
      && statement.count <= MessageLimits.signed
  }
}
