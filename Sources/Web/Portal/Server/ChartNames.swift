import Consent
import Exchange
import FHIR
import Synchronization

/// The names of the patients for whom somebody acts, for the switcher. Each is read once, as any record is,
/// when somebody acts for that patient; it is shown to nobody who cannot.
final class ChartNames: Sendable {
  private static let most = 4096
  private let names = Mutex<[String: String]>([:])

  func name(_ patient: String) -> String? { names.withLock { $0[patient] } }

  func learn(_ signedIn: SignedIn, _ exchange: Exchange) async throws {
    guard let capacity = signedIn.capacity, capacity.role == .proxy, let caller = signedIn.caller,
      let patient = capacity.patient, name(patient) == nil
    else { return }
    // A chart without a Patient is shown by its id.
    let released = try? await exchange.read("Patient", id: patient, as: caller)
    guard let name = try released.flatMap({ try RecordReading($0).title }) else { return }
    names.withLock { names in
      if names.count >= Self.most { names.removeAll() }
      names[patient] = name
    }
  }
}
