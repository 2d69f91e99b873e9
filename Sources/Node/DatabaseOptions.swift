import Exchange
import Foundation
public import Primitives
import Storage

/// Which database keeps a node's records, instead of the file in its data folder.
public struct DatabaseOptions: Sendable {
  /// `postgresql://USER@HOST:PORT/DATABASE?sslmode=…`, without a password. Nil for what the data
  /// folder says.
  public var url: String?
  /// A file whose first line is the password. Nil for what the data folder says.
  public var passwordFile: String?
  /// The password, where it comes from elsewhere and no file is named. With neither, libpq looks at
  /// PGPASSWORD and its password file.
  public var password: Redacted<String>?

  public init(
    url: String? = nil, passwordFile: String? = nil, password: Redacted<String>? = nil
  ) {
    self.url = url
    self.passwordFile = passwordFile
    self.password = password
  }

  /// Completed by what the data folder says about its database. Of another database than the folder's
  /// the folder knows no password.
  func completed(by folder: FolderConfiguration.Database?) -> DatabaseOptions {
    var options = self
    if url == nil || url == folder?.url {
      options.url = folder?.url
      options.passwordFile = passwordFile ?? (password == nil ? folder?.passwordFile : nil)
    }
    return options
  }

  /// The address and the password; nil where no database is named.
  ///
  /// - Throws: `invalid` for an address that says too much, or a password file that says nothing.
  func resolved() throws -> (address: DatabaseAddress, password: Redacted<String>?)? {
    guard let url else { return nil }
    return (
      try DatabaseAddress(url),
      try passwordFile.map { path in
        try PasswordFile.firstLine(of: path, what: "the database's password")
      } ?? password
    )
  }

  /// As the data folder keeps it: nothing secret, and independent of where a command is started.
  func kept() throws -> FolderConfiguration.Database? {
    try url.map { url in
      FolderConfiguration.Database(
        url: try DatabaseAddress(url).text,
        passwordFile: passwordFile.map { URL(fileURLWithPath: $0).standardizedFileURL.path })
    }
  }
}
