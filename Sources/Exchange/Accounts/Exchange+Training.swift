import Audit
import Identity
public import Primitives

extension PeerChartError.Code {
  /// The person may, but has not said yet that they have been trained (45 CFR 164.530(b)).
  public static let trainingRequired = Self("training-required")
}

extension Exchange {
  /// Puts on record that a member of the staff has been trained in handling other people's records, and says
  /// so.
  ///
  /// - Throws: `forbidden` for an account without a role of the staff.
  public func acknowledgeTraining(_ signedIn: SignedIn, from origin: SignInOrigin) async throws {
    try await pass { [self] snapshot in
      let now = clock.now()
      guard
        let (record, known) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      guard !known.staffRoles.isEmpty, record.authentication.isMultiFactor else {
        throw PeerChartError(.forbidden, "this is for the staff")
      }
      var account = known
      account.trainedAt = now.millisecondsSinceEpoch
      var draft = EventDraft(kind: .accountChanged)
      draft.detail = ["account": account.id.description, "change": "training-acknowledged"]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(account, after: snapshot), &draft)
      passage.entries = [try entry(draft, person(account, record, origin), at: now)]
      return passage
    }
  }

  /// - Throws: `training-required` for somebody of the staff who has not.
  func requireTraining(_ caller: Caller, in snapshot: any StoreSnapshot) throws {
    guard case .account(let id) = caller.identity else { return }
    guard try account(id, in: snapshot)?.trainedAt != nil else {
      throw PeerChartError(
        .trainingRequired, "say first that you have been trained in handling other people's records"
      )
    }
  }
}
