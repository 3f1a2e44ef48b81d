# Rscript comparison.R > comparison.json   (R 4.2.2, package stats)
# Tests of groups, quantiles and incidence rates. Rows: a linear congruential generator (16807, 2^31 - 1), exact in doubles.
number <- function(x) paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ","), "]")
matrixOf <- function(m) paste0("[", paste(apply(m, 1, number), collapse = ","), "]")
field <- function(name, value, last = FALSE) cat(' "', name, '": ', value, if (last) "\n" else ",\n", sep = "")
state <- 12345
uniform <- function(n) sapply(seq_len(n), function(i) { state <<- (16807 * state) %% 2147483647; state / 2147483647 })
values <- function(n, shift, spread) round(shift + spread * (uniform(n) + uniform(n) + uniform(n) - 1.5), 1)
cat("{\n")
field("oracle", '"R 4.2.2 (stats): chisq.test(correct = FALSE), fisher.test, t.test, oneway.test, wilcox.test(exact = FALSE), kruskal.test, quantile(type = 7), poisson.test"')
field("call", '"Rscript comparison.R > comparison.json"')
field("citation", '"R Core Team 2022; odds ratio and interval of Fisher\'s test by uniroot(tol = 1e-14) on R\'s own formulas (fisher.test stops at 1.2e-4); standardised differences, Fay & Feuer 1997 and mid-P (Berry & Armitage 1995) written out from their papers"')
field("tolerance", '"relative 1e-10: sums of at most 100 terms and quantiles accurate to 1e-12"')

# Tables: counts, then chi-squared, df, p, Fisher p, odds ratio, low, high.
tables <- list(matrix(c(3, 1, 1, 3), 2), matrix(c(12, 5, 7, 29), 2), matrix(c(0, 8, 6, 5), 2), matrix(c(250, 310, 190, 404), 2),
               matrix(c(4, 2, 1, 7, 3, 9), 3), matrix(c(5, 2, 0, 6, 4, 3, 1, 8, 7), 3), matrix(c(1, 2, 1, 0, 3, 3, 6, 1, 4, 2, 5, 3), 4),
               matrix(c(140, 213, 182, 139, 179, 223), 3), matrix(c(40, 31, 55, 12, 8, 61, 38, 49, 20, 17), 5))
exact <- function(x) {
  m <- sum(x[, 1]); n <- sum(x[, 2]); k <- sum(x[1, ]); a <- x[1, 1]; lo <- max(0, k - n); hi <- min(k, m); s <- lo:hi
  logdc <- dhyper(s, m, n, k, log = TRUE)
  d <- function(o) { v <- logdc + log(o) * s; v <- exp(v - max(v)); v / sum(v) }
  root <- function(f) exp(uniroot(function(l) f(exp(l)), c(-50, 50), tol = 1e-14, maxiter = 10000)$root)
  est <- if (a == lo) 0 else if (a == hi) Inf else root(function(o) sum(s * d(o)) - a)
  low <- if (a == lo) 0 else root(function(o) sum(d(o)[s >= a]) - 0.025)
  high <- if (a == hi) Inf else root(function(o) sum(d(o)[s <= a]) - 0.025)
  c(est, low, high)
}
field("tables", paste0("[", paste(sapply(tables, function(x) {
  chi <- suppressWarnings(chisq.test(x, correct = FALSE))
  two <- if (all(dim(x) == 2)) exact(x) else c(NA, NA, NA)
  paste0('{"counts": ', matrixOf(x), ', "chi": ', number(c(chi$statistic, chi$parameter, chi$p.value)), ', "p": ', sprintf("%.17g", fisher.test(x, workspace = 2e6)$p.value), ', "odds": ', number(two), "}")
}), collapse = ",\n  "), "]"))

a <- values(37, 61, 24); b <- values(52, 66, 31); c <- values(44, 63, 12)
field("groups", paste0("[", number(a), ",\n  ", number(b), ",\n  ", number(c), "]"))
t <- t.test(a, b); o <- oneway.test(x ~ g, data.frame(x = c(a, b, c), g = rep(1:3, c(length(a), length(b), length(c)))))
w <- wilcox.test(a, b, exact = FALSE); k <- kruskal.test(list(a, b, c))
field("welch", number(c(t$estimate[1] - t$estimate[2], t$conf.int, t$statistic, t$parameter, t$p.value)))
field("anova", number(c(o$statistic, o$parameter, o$p.value)))
field("wilcoxon", number(c(w$statistic, w$p.value)))
field("kruskal", number(c(k$statistic, k$parameter, k$p.value)))
field("quantiles", matrixOf(t(sapply(list(a, b, c), quantile, probs = c(0.25, 0.5, 0.75), type = 7))))
field("meanDifference", number((mean(a) - mean(b)) / sqrt((var(a) + var(b)) / 2)))
levels1 <- c(30, 12, 8); levels2 <- c(22, 25, 13); p <- levels1 / sum(levels1); q <- levels2 / sum(levels2)
S <- (diag(p[-1]) - outer(p[-1], p[-1]) + diag(q[-1]) - outer(q[-1], q[-1])) / 2
d <- p[-1] - q[-1]
field("levels", matrixOf(rbind(levels1, levels2))); field("levelDifference", number(sqrt(drop(t(d) %*% solve(S) %*% d))))
p1 <- 30 / 50; p2 <- 20 / 60
field("shareDifference", number((p1 - p2) / sqrt((p1 * (1 - p1) + p2 * (1 - p2)) / 2)))

# Rates: events and person-time of two groups; rate, interval; ratio, interval, p; mid-P interval and p; difference, SE.
pairs <- rbind(c(11, 800, 3, 1083.5), c(0, 150, 4, 170), c(41, 28010, 15, 19017), c(5, 60.25, 9, 12.5), c(1200, 90000, 1410, 84000))
rates <- t(apply(pairs, 1, function(v) {
  one <- poisson.test(v[1], v[2]); two <- poisson.test(v[c(1, 3)], v[c(2, 4)]); d <- v[1]; N <- v[1] + v[3]; s <- v[2] / (v[2] + v[4])
  up <- function(p) pbinom(d, N, p, lower.tail = FALSE) + dbinom(d, N, p) / 2; down <- function(p) pbinom(d - 1, N, p) + dbinom(d, N, p) / 2
  root <- function(f) uniroot(f, c(1e-12, 1 - 1e-12), tol = 1e-16, maxiter = 10000)$root
  ratio <- function(p) p / (1 - p) * v[4] / v[2]
  mid <- c(if (d == 0) 0 else ratio(root(function(p) up(p) - 0.025)), ratio(root(function(p) down(p) - 0.025)), min(1, 2 * min(up(s), down(s))))
  c(v, one$estimate, one$conf.int, two$estimate, two$conf.int, two$p.value, mid, v[1] / v[2] - v[3] / v[4], sqrt(v[1] / v[2]^2 + v[3] / v[4]^2))
}))
field("rates", paste0("[", paste(apply(rates, 1, number), collapse = ",\n  "), "]"))
# Fay & Feuer: events, person-time, weight by stratum; then estimate, variance, low, high.
d <- c(3, 17, 40, 0); T <- c(5120.5, 4801, 3333.25, 410); W <- c(55000, 30000, 14000, 1000)
w <- W / sum(W) / T; y <- sum(w * d); v <- sum(w^2 * d); m <- max(w)
field("strata", matrixOf(cbind(d, T, W)))
field("direct", number(c(y, v, qgamma(0.025, y^2 / v, scale = v / y), qgamma(0.975, (y + m)^2 / (v + m^2), scale = (v + m^2) / (y + m)))))
smr <- poisson.test(60, 47.3)
field("smr", number(c(60, 47.3, smr$estimate, smr$conf.int)), TRUE)
cat("}\n")
