export const USAGE = `nestwave - random waves in a zone of a structure: submodel Monte Carlo with learnt boundary histories

usage
  nestwave VERB [study.json] [--out DIR] [flags]

verbs
  demo       the whole job on the plate with a hole that comes with the package (about 5 minutes on 2 cores)
  run        dataset, then train, then estimate: the whole job of a study file
  dataset    run the full domain and keep the motion of the zone's boundary
  train      reduce the traces, fit the baselines, train the nested generator (needs dataset)
  estimate   sample boundaries, run the submodel, write report.html and report.json (needs train)
  simulate   one full-domain run: snapshots for ParaView (VTU/PVD) and its trace (NPZ)
  inspect    what a study file, a mesh or a result folder holds, and what a study would cost
  schema     the JSON Schema of the study file

flags
  -o, --out DIR      where results go (default: out/<name of the study file>)
  -w, --workers N    worker threads (default: one per core); results do not depend on it
      --sample I     which sample to simulate (simulate only; default 0)
      --executor E   tensor runtime: auto, onnxruntime-cpu, tfjs-node-gpu, tfjs-node, tfjs-cpu (default auto)
  -q, --quiet        no progress; warnings only
      --json         progress and result as JSON lines
  -h, --help         this text, or a verb's

Ctrl-C stops; the same command goes on where it stopped. Exit code 0: done; 2: bad input, every problem listed; 1: anything else.
`

export const VERB_HELP: Readonly<Record<string, string>> = {
  demo: `nestwave demo [--out DIR]

Runs the study experiments/plate-with-hole/study.json: a steel plate with a random modulus is hit at one edge; what happens around
the hole? Full-domain runs, training, submodel Monte Carlo, and a report beside 1,000 held-out full-domain runs.
Writes DIR/report.html (open it in a browser) and DIR/report.json. Default DIR: out/demo
`,
  run: `nestwave run study.json [--out DIR]

dataset, train and estimate in one go. What is finished is not computed again.
`,
  dataset: `nestwave dataset study.json [--out DIR]

Runs the full domain dataset.train + dataset.validation + dataset.test times. Writes DIR/dataset/{train,validation,test}/chunks.
Raise a count in the study file and repeat the command to extend; finished runs stay.
`,
  train: `nestwave train study.json [--out DIR]

Reduces the training traces, chooses the number of modes by the error of the quantities of interest, fits the baseline models and
trains the nested generator with checkpoints. Writes DIR/model. Run dataset first.
`,
  estimate: `nestwave estimate study.json [--out DIR]

Samples boundary histories, runs the submodel, and reports mean, standard deviation, quantiles and exceedance probabilities with
intervals, beside the held-out full-domain runs. Writes DIR/report.html and DIR/report.json. Run train first.
`,
  simulate: `nestwave simulate study.json [--out DIR] [--sample I]

One full-domain run of the training law (sample I). Writes DIR/simulation-I/wave.pvd with its .vtu frames (displacement, modulus; open
in ParaView), and trace.npz with the zone boundary's motion.
`,
  inspect: `nestwave inspect study.json | mesh.msh | DIR

study.json  mesh, zone, stable step, steps, trace size, and the estimated cost of each stage
mesh.msh    nodes, cells, groups, worst cells
DIR         finished stages, samples, and the headline results
`,
  schema: `nestwave schema

Prints the JSON Schema (2020-12) of the study file; every number carries its unit.
`,
}
