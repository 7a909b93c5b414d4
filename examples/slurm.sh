#!/usr/bin/env bash
#SBATCH --job-name=pecrs
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=16
#SBATCH --time=04:00:00
#SBATCH --requeue

# sbatch examples/slurm.sh CONFIG DATA OUTPUT: one launcher a machine, one process a GPU. Requeued jobs go on where they were.
set -euo pipefail
config=$1 data=$2 output=$3
address=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
resume=()
[ -e "$output/config.json" ] && resume=(--resume)

srun torchrun --nnodes "$SLURM_NNODES" --nproc-per-node "${SLURM_GPUS_ON_NODE:-1}" \
    --rdzv-backend c10d --rdzv-endpoint "$address:29500" --rdzv-id "$SLURM_JOB_ID" \
    -m pecrs.cli train "$config" --data "$data" --output "$output" "${resume[@]}"
