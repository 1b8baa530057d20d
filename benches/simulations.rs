//! Tables from simulated loops for `docs/benchmarks.md` and `docs/which-strategy.md`:
//!
//! `QUERIST_DATA=DIR cargo bench --features peers --bench simulations -- --table NAME`, with the names `strategies`,
//! `imbalance`, `noise`, `peers` and `speed`.
//!
//! Runs `querist simulate` of the built binary with the configurations below and prints Markdown.
//! Reads `<set>/train.jsonl[.gz]` and `<set>/test.jsonl[.gz]` below `QUERIST_DATA`; for clinc150
//! the training file is the imbalanced one, `train_imbalanced.jsonl.gz`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod data;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use data::{Arguments, file, lines};
use serde_json::Value;

/// The sets on which the default strategy was chosen, then the sets that confirm the choice.
const SETS: &str = "trec,r8,ag_news,sst2,sms_spam,mr,sst5,clinc150,mpqa,imdb";
const STRATEGIES: &str = "default,random,entropy,margin,ratio:balance,mix:balance,variance-reduction,badge";
/// The comparison that gave the project its name: quotas for rare classes.
const QUOTAS: &str = "random,entropy,ratio:balance,mix:balance,default";
/// A set, one of its classes, and the shares to which the class is thinned: from the average share
/// of the other classes to a hundredth of it.
const THINNED: [(&str, &str, [f64; 4]); 3] = [
    ("ag_news", "Sports", [0.25, 0.0909, 0.0323, 0.0033]),
    ("sst2", "positive", [0.5, 0.25, 0.0909, 0.0099]),
    ("sms_spam", "spam", [0.134, 0.0909, 0.0323, 0.0099]),
];
const SKLEARN: [&str; 10] = [
    "random",
    "entropy",
    "margin",
    "least",
    "half_entropy",
    "half_margin",
    "half_least",
    "kmeans_entropy",
    "kmeans_margin",
    "kmeans_least",
];
/// How many rounds are timed; some of small-text's rounds take half a minute.
const SPEED_ROUNDS: &str = "5";
const SMALL_TEXT: [&str; 8] = [
    "PredictionEntropy",
    "BreakingTies",
    "LeastConfidence",
    "EmbeddingKMeans",
    "GreedyCoreset",
    "LightweightCoreset",
    "ContrastiveActiveLearning",
    "DiscriminativeActiveLearning",
];

/// `--out DIR` keeps the results and resumes a stopped run; `--sets a,b` and `--seeds N` run fewer
/// simulations. `--c C` sets the penalty, and `--embedding none` leaves out the vectors of English
/// words. The tables `peers` and `speed` need `--python FILE`, an interpreter with scikit-learn and
/// small-text 1.4.1. They run `benches/peers/curves.py` on the same initial labels.
fn main() {
    let Some(folder) = data::folder() else { return };
    let arguments = Arguments::parse();
    let kept = tempfile::tempdir().expect("a temporary folder");
    let out = arguments.text("out").map_or_else(|| kept.path().to_owned(), PathBuf::from);
    let bench = Bench { folder, out, seeds: arguments.number("seeds", 10), arguments };
    match bench.arguments.text("table").unwrap_or("strategies") {
        "strategies" => bench.strategies(),
        "imbalance" => bench.imbalance(),
        "noise" => bench.noise(),
        "peers" => bench.peers(),
        "speed" => bench.speed(),
        other => panic!("no table {other}: expected strategies, imbalance, noise, peers or speed"),
    }
}

/// The parsed arguments.
struct Bench {
    folder: PathBuf,
    out: PathBuf,
    seeds: u64,
    arguments: Arguments,
}

impl Bench {
    fn sets(&self, otherwise: &str) -> Vec<String> {
        self.arguments.list("sets", otherwise)
    }

    fn train(&self, set: &str) -> PathBuf {
        file(&self.folder, set, if set == "clinc150" { "train_imbalanced" } else { "train" })
    }

    /// Runs a simulation and returns the path of its results.
    fn simulate(&self, set: &str, name: &str, strategies: &str, seeds: u64, more: &[&str]) -> PathBuf {
        let out = self.out.join(name);
        std::fs::create_dir_all(&self.out).expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_querist"));
        command.args(["simulate", "--quiet", "--skip-bad-rows", "--strategies", strategies]);
        command.args(["--seeds", &seeds.to_string()]).args(more).arg("--out").arg(&out);
        command.args(["--c", self.arguments.text("c").unwrap_or("auto")]);
        command.args(["--embedding", self.arguments.text("embedding").unwrap_or("english")]);
        command.arg("--train").arg(self.train(set)).arg("--test").arg(file(&self.folder, set, "test"));
        let done = command.output().expect("the binary");
        assert!(done.status.success(), "querist simulate: {}", String::from_utf8_lossy(&done.stderr));
        out.join("results.jsonl")
    }

    /// Prints every strategy on every set, and the means over sets.
    fn strategies(&self) {
        let mut means: BTreeMap<String, Vec<[f64; 4]>> = BTreeMap::new();
        heading("set | strategy");
        for set in self.sets(SETS) {
            let results = self.simulate(&set, &set, STRATEGIES, self.seeds, &[]);
            for (arm, runs) in curves(&results) {
                row(&format!("{set} | {arm}"), &runs);
                means.entry(arm).or_default().push(figures(&runs).map(|figure| figure.0));
            }
        }
        for (arm, of_sets) in means {
            let n = of_sets.len() as f64;
            let mean = |at: usize| of_sets.iter().map(|figures| figures[at]).sum::<f64>() / n;
            println!(
                "| mean of {n} sets | {arm} | {:.4} | {:.4} | {:.4} | {:.4} |",
                mean(0),
                mean(1),
                mean(2),
                mean(3)
            );
        }
    }

    /// Prints how strategies fare as one class is thinned to a hundredth of its usual share.
    fn imbalance(&self) {
        println!(
            "| set | class | share | strategy | final accuracy | mean accuracy | final macro-F1 | mean macro-F1 | final recall of the class |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        let sets = self.sets("ag_news,sst2,sms_spam");
        for (set, class, shares) in THINNED.iter().filter(|thinned| sets.iter().any(|set| set == thinned.0)) {
            for share in shares {
                let thinned = format!("{class}={share}");
                let name = format!("{set}-{share}");
                let results = self.simulate(set, &name, QUOTAS, self.seeds, &["--imbalance", &thinned]);
                let recalls = recalls(&results, class);
                for (arm, runs) in curves(&results) {
                    let cells = cells(&runs);
                    println!("| {set} | {class} | {share} | {arm} | {cells} | {:.3} |", recalls[&arm]);
                }
            }
        }
    }

    /// Prints runs with wrong answers: one answer a document against three, at the same number of
    /// answers.
    fn noise(&self) {
        heading("set | noise | strategy and answers per document");
        for set in self.sets("trec,ag_news,sms_spam") {
            for noise in ["0.1", "0.2"] {
                let more = ["--noise", noise, "--annotators", "3", "--answers-per-item", "1,3"];
                let results =
                    self.simulate(&set, &format!("{set}-{noise}"), "random,default", self.seeds, &more);
                for (arm, runs) in curves(&results) {
                    row(&format!("{set} | {noise} | {arm}"), &runs);
                }
            }
        }
    }

    /// Prints the peers, which start from the initial labels of Querist's own runs.
    fn peers(&self) {
        heading("set | peer");
        for set in self.sets(SETS) {
            let own = self.simulate(&set, &set, "random", self.seeds, &[]);
            let sklearn = ["lsa", "tfidf"].into_iter().flat_map(|features| {
                SKLEARN.into_iter().map(move |name| format!("sklearn:{features}:{name}"))
            });
            let small_text = SMALL_TEXT.into_iter().map(|name| format!("small-text:tfidf:{name}"));
            let all: Vec<String> = sklearn.chain(small_text).collect();
            let out = self.out.join(format!("{set}.peers.jsonl"));
            self.python(&set, &own, &out, &all.join(","), &["--seeds", &self.seeds.to_string()]);
            for (arm, runs) in curves(&out) {
                row(&format!("{set} | {arm}"), &runs);
            }
        }
    }

    /// Prints the seconds a round takes to choose and train: small-text's program as it is, against
    /// strategies of Querist, with one seed and one thread each.
    fn speed(&self) {
        let strategies = "default,random,entropy,margin,variance-reduction,badge,core-set,lightweight-core-set,typiclust,prob-cover,contrastive,discriminative,ratio:balance,kl-divergence";
        println!("| set | program | seconds a round, mean of the first {SPEED_ROUNDS} |");
        println!("| --- | --- | --- |");
        for set in self.sets("trec") {
            let few = ["--rounds", SPEED_ROUNDS];
            let own = [&few[..], &["--threads", "1"]].concat();
            let own = self.simulate(&set, &format!("{set}-speed"), strategies, 1, &own);
            let out = self.out.join(format!("{set}-speed.jsonl"));
            let all: Vec<String> =
                SMALL_TEXT.into_iter().map(|name| format!("small-text:tfidf:{name}")).collect();
            self.python(&set, &own, &out, &all.join(","), &[&few[..], &["--seeds", "1", "--plain"]].concat());
            for path in [own, out] {
                let mut seconds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
                for line in rounds(&path).filter(|line| line["round"] != 0) {
                    let arm = line["arm"].as_str().expect("an arm").to_owned();
                    seconds.entry(arm).or_default().push(line["seconds"].as_f64().expect("seconds"));
                }
                for (arm, seconds) in seconds {
                    println!("| {set} | {arm} | {:.4} |", seconds.iter().sum::<f64>() / seconds.len() as f64);
                }
            }
        }
    }

    fn python(&self, set: &str, results: &Path, out: &Path, strategies: &str, more: &[&str]) {
        let program = self.arguments.text("python").expect("--python FILE");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/curves.py");
        let mut command = Command::new(program);
        command.arg(script).arg(self.train(set)).arg(file(&self.folder, set, "test")).arg(results).arg(out);
        command.args(["--strategies", strategies]).args(more);
        // One thread, as for Querist's runs.
        command.env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1");
        let done = command.output().expect("the interpreter");
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

/// The lines of a results file that describe rounds.
fn rounds(path: &Path) -> impl Iterator<Item = Value> {
    let parsed = lines(path).into_iter().map(|line| serde_json::from_str::<Value>(&line).expect("JSON"));
    parsed.filter(|line| line["arm"].is_string())
}

/// By round of a run: accuracy and macro-F1.
type Run = BTreeMap<u64, (f64, f64)>;

/// The runs of each strategy, by its name.
fn curves(path: &Path) -> BTreeMap<String, Vec<Run>> {
    let mut all: BTreeMap<String, BTreeMap<u64, Run>> = BTreeMap::new();
    for line in rounds(path) {
        let number = |field: &str| line[field].as_u64().expect("a number");
        let value = |field: &str| line[field].as_f64().unwrap_or(0.0);
        let run = all.entry(line["arm"].as_str().expect("an arm").to_owned()).or_default();
        run.entry(number("seed"))
            .or_default()
            .insert(number("round"), (value("accuracy"), value("macro_f1")));
    }
    all.into_iter().map(|(arm, runs)| (arm, runs.into_values().collect())).collect()
}

/// By strategy: the mean final recall of a class.
fn recalls(path: &Path, class: &str) -> BTreeMap<String, f64> {
    let header: Value = serde_json::from_str(&lines(path)[0]).expect("JSON");
    let names = header["labels"].as_array().expect("labels");
    let at = names.iter().position(|name| name == class).expect("the class");
    let last = header["protocol"]["rounds"].as_u64().expect("rounds");
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in rounds(path).filter(|line| line["round"].as_u64() == Some(last)) {
        let arm = line["arm"].as_str().expect("an arm").to_owned();
        all.entry(arm).or_default().push(line["recall"][at].as_f64().unwrap_or(0.0));
    }
    all.into_iter().map(|(arm, values)| (arm, values.iter().sum::<f64>() / values.len() as f64)).collect()
}

/// Final accuracy, mean accuracy, final macro-F1, mean macro-F1: means and standard deviations over
/// runs.
fn figures(runs: &[Run]) -> [(f64, f64); 4] {
    let of = |figure: &dyn Fn(&Run) -> f64| {
        let values: Vec<f64> = runs.iter().map(figure).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / (n - 1.0).max(1.0)).sqrt())
    };
    let last = |run: &Run| run.last_key_value().map_or((0.0, 0.0), |(_, point)| *point);
    let mean = |run: &Run, of: fn(&(f64, f64)) -> f64| run.values().map(of).sum::<f64>() / run.len() as f64;
    [
        of(&|run| last(run).0),
        of(&|run| mean(run, |point| point.0)),
        of(&|run| last(run).1),
        of(&|run| mean(run, |point| point.1)),
    ]
}

fn cells(runs: &[Run]) -> String {
    figures(runs).map(|(mean, deviation)| format!("{mean:.3} ± {deviation:.3}")).join(" | ")
}

fn heading(first: &str) {
    println!("| {first} | final accuracy | mean accuracy | final macro-F1 | mean macro-F1 |");
    println!("|{}", " --- |".repeat(first.split('|').count() + 4));
}

fn row(first: &str, runs: &[Run]) {
    println!("| {first} | {} |", cells(runs));
}
