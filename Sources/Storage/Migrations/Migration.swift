/// The schema's history, one for all engines. Append-only: a migration is never edited once it has
/// landed, and each engine has its own words for every one.
enum Migration: String, CaseIterable {
  case foundation = "001-foundation"
  case unpinnedCheckpoint = "002-unpinned-checkpoint"
  case blobs = "003-blobs"
}
