import Audit
import Consent
import Primitives
public import Vault

extension Exchange {
  /// - Throws: `invalid` for a node whose root key no passphrase protects.
  public func requirePassphrase() throws { _ = try passphraseProvider }

  /// Puts the root key under another passphrase. The root stays the same: an old copy of its file opens
  /// with the old passphrase until the root is replaced.
  ///
  /// - Throws: `invalid` for an empty passphrase, or where none protects the root key.
  public func changePassphrase(to passphrase: SecretBytes, as caller: Caller) async throws {
    try require(.manageKeys, caller)
    let provider = try passphraseProvider
    guard (1...1024).contains(passphrase.count) else {
      throw PeerChartError(.invalid, "a passphrase has 1 to 1024 bytes")
    }
    var draft = EventDraft(kind: .nodeConfigured)
    draft.detail = ["changed": "root-key-passphrase"]
    let entry = try entry(draft, caller, at: clock.now())
    try await pass { _ in Passage(outcome: .success(()), entries: [entry]) }
    try provider.change(to: passphrase)
  }

  private var passphraseProvider: PassphraseKeyProvider {
    get throws {
      guard let provider = keys.provider as? PassphraseKeyProvider else {
        throw PeerChartError(.invalid, "no passphrase protects the root key of this node")
      }
      return provider
    }
  }
}
