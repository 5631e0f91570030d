import Arguments
import Glibc
import Model
import Reactor
import Store

let options = ServiceOptions.read("archetype-configs", "keeps intent: labs, placements, cables, jobs and configurations")
exit(
  Service.run(.configs, options) {
    instance throws(LabError) in
    try ConfigApp(
      store: SQLiteIntentStore(folder: options.data), copies: StoreCopies(folder: options.data), workers: Workers(threads: 1, most: 4),
      instance: instance)
  })
