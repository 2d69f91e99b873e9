import Consent
import Exchange
import FHIR
import Identity
import Synchronization

/// The names of the patients for whom somebody acts, for the switcher. Each is read once, as any record is,
/// with an entry in the log; it is shown to nobody who cannot act for that patient.
final class ChartNames: Sendable {
  private static let most = 4096
  private static let atOnce = 16

  private struct Asked: Hashable {
    let patient: String
    let account: AccountID
  }

  /// By who may see it; nil where there is nothing that this person may see.
  private let names = Mutex<[Asked: String?]>([:])

  func name(_ patient: String, to account: AccountID) -> String? {
    names.withLock { $0[Asked(patient: patient, account: account)] ?? nil }
  }

  func learn(
    _ signedIn: SignedIn, _ exchange: Exchange, from origin: SignInOrigin
  ) async throws {
    guard signedIn.authentication.isMultiFactor else { return }
    // In an emergency the name is read when the chart is, not before.
    let proxies = signedIn.proxies.filter { $0.isActive && $0.relationship != .emergencyDelegate }
    for proxy in proxies.prefix(Self.atOnce) {
      let asked = Asked(patient: proxy.patient, account: signedIn.account)
      guard names.withLock({ $0[asked] }) == nil else { continue }
      let capacity = Capacity(role: .proxy, patient: proxy.patient)
      // A chart without a Patient is shown by its id.
      var name: String?
      if let caller = try? await exchange.caller(signedIn, as: capacity, from: origin),
        let released = try? await exchange.read("Patient", id: proxy.patient, as: caller)
      {
        name = try RecordReading(released).title
      }
      names.withLock { [name] names in
        if names.count >= Self.most { names.removeAll() }
        names.updateValue(name, forKey: asked)
      }
    }
  }
}
