"""MDETR (Kamath et al., ICCV 2021): a detector that reads, with masks, here for alphas."""
