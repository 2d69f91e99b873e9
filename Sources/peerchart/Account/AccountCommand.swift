import ArgumentParser

struct AccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account",
    abstract: "Invite people to sign in, and see to their accounts.",
    discussion: """
      Whoever is invited opens the node's address in a browser, types the code, and sets up a password \
      and a second factor, or a passkey. A person may be a patient, act for patients, and have roles of \
      the staff at the same time.

      Examples:
        peerchart account invite --patient 9c1f…
        peerchart account invite --patient 9c1f… --relationship parent
        peerchart account invite --role administrator
        peerchart account list
      """,
    subcommands: [
      AccountInvite.self, AccountList.self, AccountRoles.self, AccountAssign.self,
      AccountDisable.self, AccountEnable.self, AccountReset.self,
      AnchorCommand<PeopleAnchors>.self,
    ])
}
